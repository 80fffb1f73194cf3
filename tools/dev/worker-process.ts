import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";

import { killGroup, stopGroup } from "../process/group.ts";
import { StartError } from "./options.ts";

export interface WorkerProcessOptions {
  readonly root: string;
  readonly port: number;
  /** Holds builds while the process runs. */
  readonly workDir: string;
  /** Whether the telemetry Worker is served beside it. */
  readonly hasTelemetry?: boolean;
  /** Whether the RPC Worker is. */
  readonly hasRpc?: boolean;
  /** Whether the events Worker is served beside it. */
  readonly hasEvents?: boolean;
  /** Receives the Worker's log and errors of builds, line by line. */
  readonly onLine: (line: string) => void;
}

/** What the process waits for, once it has built. */
export interface ServeRequest {
  readonly vars: Readonly<Record<string, string>>;
  /** Keeps what the Workers store. */
  readonly stateDir: string;
  /** Port and token of `/metrics`; null without telemetry. */
  readonly telemetry: { readonly port: number; readonly token: string } | null;
  /** Port of the RPC Worker; absent without it. */
  readonly rpc?: { readonly port: number };
  /** Variables of the events Worker; null without it. */
  readonly events: Readonly<Record<string, string>> | null;
}

export interface WorkerProcess {
  /** Settles only when the process ends without being asked to. */
  readonly failure: Promise<StartError>;
  /** Lets it serve as soon as it is built. */
  serve(request: ServeRequest): void;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts the process that builds and serves the Worker; it builds at once, and waits for `serve`. */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const { root, port, workDir, hasTelemetry = false, hasEvents = false, hasRpc = false, onLine } = options;
  const main = path.join(import.meta.dirname, "worker", "main.ts");
  const isWanted = { telemetry: hasTelemetry, events: hasEvents, rpc: hasRpc };
  const companions = Object.entries(isWanted).flatMap(([name, wanted]) => (wanted ? [name] : []));
  const args = [root, workDir, String(port), ...companions];
  const child = spawn(process.execPath, ["--no-warnings", main, ...args], {
    cwd: root,
    // Of wrangler only errors, and nothing that is meant for the process that the user started.
    env: { ...process.env, NODE_OPTIONS: undefined, FORCE_COLOR: undefined, NO_COLOR: "1", WRANGLER_LOG: "error" },
    // A group of its own: Ctrl-C reaches only us, and stopping it stops the runtime as well.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let isStopping = false;
  showOutput(child, (line) => {
    if (!isStopping) onLine(line);
  });
  return {
    failure: new Promise((resolve) => {
      const report = (how: string): void => {
        if (!isStopping) resolve(new StartError(`The Worker's process ${how}; its messages above say why.`));
      };
      child.once("error", (error) => report(`cannot be started (${error.message})`));
      // Not "exit": its last words may still be on their way.
      child.once("close", (code, signal) => report(`ended with ${signal ?? `code ${code}`}`));
    }),
    serve(request) {
      // Without a process there is nothing to tell; `failure` says so.
      child.send(request, () => undefined);
    },
    async stop() {
      isStopping = true;
      await stopGroup(child);
      await rm(workDir, { recursive: true, force: true });
    },
    kill() {
      isStopping = true;
      killGroup(child);
    },
  };
}

function showOutput(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  }
}
