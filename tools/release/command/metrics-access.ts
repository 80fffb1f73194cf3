import { readFileSync } from "node:fs";

import { UsageError } from "../../command/usage-error.ts";
import type { Environment, ReleaseTarget } from "./environment.ts";
import { isLoopback } from "./loopback.ts";

/** Where the metrics are read, and the secret that opens them. */
export interface MetricsAccess {
  readonly url: string;
  readonly token: string;
}

export interface MetricsFlags {
  /** As given on the command line; null when it was not. */
  readonly metricsUrl: string | null;
  readonly metricsTokenFile: string | null;
  readonly isMetricsRequired: boolean;
}

/**
 * Reads where telemetry is; null when it is not configured, and the release goes by probes alone.
 * @throws UsageError that names what is missing, never the token
 */
export function readMetricsAccess(
  flags: MetricsFlags,
  env: Environment,
  kind: ReleaseTarget["kind"],
): MetricsAccess | null {
  const url = flags.metricsUrl ?? (env["TELEMETRY_URL"] || null);
  if (url === null) {
    if (!flags.isMetricsRequired) return null;
    throw new UsageError("--require-metrics needs --metrics-url or TELEMETRY_URL.");
  }
  const token = readToken(flags.metricsTokenFile, env);
  if (token === null) {
    throw new UsageError("The metrics need a token: METRICS_TOKEN in the environment, or --metrics-token-file FILE.");
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError("The token of the metrics must be visible ASCII characters.");
  return { url: readMetricsUrl(url, kind), token };
}

function readToken(file: string | null, env: Environment): string | null {
  if (file === null) return env["METRICS_TOKEN"] || null;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UsageError(
      `--metrics-token-file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function readMetricsUrl(text: string, kind: ReleaseTarget["kind"]): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^@#]+$/.test(url.href))
    throw new UsageError("The address of the metrics must be as in https://telemetry.example.com/metrics");
  if (kind === "rehearsal" && !isLoopback(text))
    throw new UsageError(`The target is rehearsal, so the metrics must be on this machine, not at ${url.origin}.`);
  if (kind === "cloudflare" && (isLoopback(text) || url.protocol !== "https:"))
    throw new UsageError(
      `The target is cloudflare, so the metrics must be https and not on this machine, not at ${url.origin}.`,
    );
  return url.pathname === "/" ? new URL("/metrics", url).href : url.href;
}
