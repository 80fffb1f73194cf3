import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";

import type { V4WorkerOptions } from "miniflare";

export interface EdgeOptions {
  readonly name: string;
  /** Name of the Worker behind it. */
  readonly workerName: string;
  readonly host: string;
  /** Any free port when 0. */
  readonly port: number;
  /** False for an edge that passes on everything as it is. */
  readonly isCompressing: boolean;
}

/** The runtime knows no other. */
const CODINGS = ["br", "gzip"];

const EDGE_SOURCE = new URL("edge-worker.mjs", import.meta.url);
const RULES_SOURCE = new URL("../../net/compression.ts", import.meta.url);

/**
 * What stands before the Worker, on a socket of its own, and compresses as Cloudflare's edge does. Miniflare's entry does it
 * otherwise: also to what may not be transformed, with the strong tag left on it. And it rewrites what it passes on.
 */
export function toEdge({ name, workerName, host, port, isCompressing }: EdgeOptions): V4WorkerOptions {
  return {
    name,
    compatibilityDate: "2026-08-15",
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/dev/worker/edge-worker.mjs", contents: readFileSync(EDGE_SOURCE, "utf8") },
      {
        type: "ESModule",
        path: "/net/compression.ts",
        contents: stripTypeScriptTypes(readFileSync(RULES_SOURCE, "utf8")),
      },
    ],
    serviceBindings: { WORKER: workerName },
    bindings: { OFFERED: isCompressing ? CODINGS : [] },
    unsafeDirectSockets: [{ host, port }],
    unsafeRegisterWorker: false,
  };
}
