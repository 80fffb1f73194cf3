import type { V4WorkerOptions } from "miniflare";

/** The telemetry Worker's name among those of one runtime. */
export const TELEMETRY_NAME = "telemetry";

/** What takes batches: the target of the API's binding `TELEMETRY`. */
export const RECORDER = { name: TELEMETRY_NAME, entrypoint: "MetricsRecorder" } as const;

export interface TelemetryWorkerOptions {
  /** From `buildCompanion`. */
  readonly module: string;
  /** Opens `/metrics`; nothing does when null. */
  readonly token: string | null;
  /** Where `/metrics` is served, on loopback; any free port when absent. */
  readonly port?: number;
}

/** The telemetry Worker for Miniflare, as `telemetry/wrangler.toml` has it. */
export function telemetryWorker({ module, token, port = 0 }: TelemetryWorkerOptions): V4WorkerOptions {
  return {
    name: TELEMETRY_NAME,
    compatibilityDate: "2026-08-15",
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/telemetry.mjs", contents: module }],
    bindings: token === null ? {} : { METRICS_TOKEN: token },
    durableObjects: { METRICS_SHARDS: { className: "MetricsShard", useSQLite: true } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    unsafeRegisterWorker: false,
  };
}
