import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

export const ROOT = join(import.meta.dirname, "../..");

/** For what hangs. The unit tests alone take 20 s, and two minutes beside other work. */
const MAX_RUN_MS = 600_000;

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output and error, in the order in which they arrived. */
  readonly output: string;
}

/** The script behind a package's command, so that it runs on the Node that runs us, whatever the PATH holds. */
export function binPath(packageName: string, bin = packageName): string {
  const folder = join(ROOT, "node_modules", packageName);
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const field = typeof manifest === "object" && manifest !== null && "bin" in manifest ? manifest.bin : undefined;
  const bins = typeof field === "object" && field !== null ? Object.entries(field) : [[bin, field]];
  const path = bins.find(([name]) => name === bin)?.[1];
  if (typeof path !== "string") throw new Error(`${packageName} has no command named ${bin}`);
  return join(folder, path);
}

/** Runs a script on this Node with its output captured; it cannot ask anything and is ended by the signal. */
export function runScript(path: string, args: readonly string[], signal?: AbortSignal): Promise<CommandResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(process.execPath, [path, ...args], {
      cwd: ROOT,
      env: { ...process.env, CI: "true", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MAX_RUN_MS,
      ...(signal ? { signal } : {}),
    });
    const note = (text: string) => chunks.push(Buffer.from(text));
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => note(`${error.message}\n`));
    child.once("close", (code, endedBy) => {
      if (endedBy) note(`ended by ${endedBy}; the limit is ${MAX_RUN_MS / 1000} s\n`);
      resolve({ exitCode: code ?? 1, output: stripVTControlCharacters(Buffer.concat(chunks).toString()) });
    });
  });
}
