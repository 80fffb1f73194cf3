import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { buildCompanion } from "../../dev/worker/build-companion.ts";
import { findFreePort } from "../../net/listen.ts";
import { RECORDER } from "../../telemetry/telemetry-worker.ts";
import { type RunningServer, startWorkerd } from "../../workerd/start-workerd.ts";
import { ROOT } from "../../workerd/wrangler-packages.ts";

/** The telemetry Worker in a process of its own, which can die and come back. */
export interface TelemetryProcess {
  /** Host and port of `/metrics`. */
  readonly target: string;
  /** Where the API's binding reaches the recorder. */
  readonly recorderPort: number;
  /** The text of `/metrics`, as Prometheus's own format. */
  readMetrics(): Promise<string>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it on the same ports and the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds telemetry and starts it; its objects keep their databases below `folder`. */
export async function startTelemetryProcess(folder: string, token: string): Promise<TelemetryProcess> {
  const script = path.join(folder, "telemetry.js");
  mkdirSync(folder, { recursive: true });
  writeFileSync(script, await buildCompanion(ROOT, "telemetry"));
  const [port, recorderPort] = [await findFreePort(), await findFreePort()];
  const start = (): Promise<RunningServer> =>
    startWorkerd({
      name: "telemetry",
      script,
      port,
      folder: path.join(folder, "worker"),
      probePath: "/",
      // Databases on disk are what workerd calls experimental.
      args: ["--experimental"],
      worker: {
        compatibilityDate: "2026-08-15",
        compatibilityFlags: [],
        bindings: [
          { kind: "text", name: "METRICS_TOKEN", value: token },
          { kind: "objects", name: "METRICS_SHARDS", className: "MetricsShard" },
        ],
        entrypoint: { name: RECORDER.entrypoint, port: recorderPort },
      },
    });
  let server = await start();
  return {
    target: `127.0.0.1:${port}`,
    recorderPort,
    async readMetrics() {
      const headers = { Authorization: `Bearer ${token}`, Accept: "text/plain; version=0.0.4" };
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`/metrics answers ${response.status}: ${text}`);
      return text;
    },
    async kill() {
      process.kill(server.pid, "SIGKILL");
      await server.stop();
    },
    async start() {
      server = await start();
    },
    stop: async () => await server.stop(),
  };
}
