import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Where the telemetry Worker of one `npm start` is found by what reads its metrics. */
export interface LocalTelemetry {
  /** As `http://127.0.0.1:8788/metrics`. */
  readonly url: string;
  /** The bearer token that opens it. */
  readonly token: string;
}

/** What one `npm start` keeps of telemetry between runs; named by the API's port, because two of them may share a data folder. */
export function telemetryFiles(dataDir: string, apiPort: number) {
  const folder = path.join(dataDir, `telemetry-${apiPort}`);
  return {
    folder,
    /** The token alone, as Prometheus's `credentials_file` wants it. */
    token: path.join(folder, "token"),
    /** There while it runs. */
    url: path.join(folder, "url"),
  } as const;
}

type TelemetryFiles = ReturnType<typeof telemetryFiles>;

/** Makes the folder and its token, which stays the same from run to run. */
export function prepareTelemetry(files: TelemetryFiles, metricsPort: number): LocalTelemetry {
  mkdirSync(files.folder, { recursive: true });
  if (readToken(files) === null) writeFileSync(files.token, randomBytes(32).toString("hex"), { mode: 0o600 });
  const url = `http://127.0.0.1:${metricsPort}/metrics`;
  writeFileSync(files.url, url);
  return { url, token: readToken(files) ?? "" };
}

/** Says that it runs no more. */
export function withdrawTelemetry(files: TelemetryFiles): void {
  rmSync(files.url, { force: true });
}

/** Null when it does not run. */
export function findTelemetry(files: TelemetryFiles): LocalTelemetry | null {
  const token = readToken(files);
  const url = existsSync(files.url) ? readFileSync(files.url, "utf8").trim() : "";
  return token === null || url === "" ? null : { url, token };
}

/** Null when there is none, or none that was written to its end. */
function readToken({ token }: TelemetryFiles): string | null {
  const text = existsSync(token) ? readFileSync(token, "utf8").trim() : "";
  return /^[0-9a-f]{64}$/.test(text) ? text : null;
}
