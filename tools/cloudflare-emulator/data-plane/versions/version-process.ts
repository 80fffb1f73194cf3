import type { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { Version } from "../../model.ts";
import type { BatchResult, QueuedMessage } from "../../queues/message.ts";
import { createUpstreamAgent } from "../edge/upstream-agent.ts";
import type { RpcAddress } from "../runtime/registry.ts";
import { type Runtime, startRuntime } from "../runtime/runtime.ts";

/** How long work that a Worker left to `waitUntil` is waited for, after its last answer: as long as Cloudflare does. */
const SETTLE_MS = 30_000;
const SETTLE_POLL_MS = 20;

export interface VersionProcessOptions {
  readonly scriptName: string;
  readonly version: Version;
  readonly dataPlaneAddress: string;
  /** Where the registries of processes are. */
  readonly registries: string;
  readonly isTraced: () => boolean;
  readonly log: (line: string) => void;
  /** The process is gone without having been asked to. */
  readonly onEnd: () => void;
}

/** A running version and what it is busy with. */
export interface VersionProcess {
  readonly scriptName: string;
  readonly version: Version;
  readonly port: number;
  readonly startedInMs: number;
  /** For connections to this process. */
  readonly agent: Agent;
  readonly inFlight: number;
  /** Where its methods can be called just now. */
  rpcAddress(): RpcAddress;
  /** Registers an event; call the result once when it is over, bodies included. */
  begin(): () => void;
  /** Resolves with the outcome. */
  runCron(cron: string): Promise<string>;
  /** Resolves with what the handler said of the messages. */
  runQueue(queue: string, messages: readonly QueuedMessage[]): Promise<BatchResult>;
  /** Tells the process whether somebody listens to its traces. */
  updateTracing(): Promise<void>;
  /** Ends the process, after the work that its last events left behind. */
  stop(): Promise<void>;
  /** Ends the process at once. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts the process of a version.
 * @throws StartupError
 */
export async function startVersionProcess(options: VersionProcessOptions): Promise<VersionProcess> {
  const { scriptName, version, isTraced, log, onEnd } = options;
  const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>();
  let inFlight = 0;
  let begun = 0;
  const updateTracing = (): Promise<void> => runtime.setTracing(isTraced()).catch(() => undefined);
  const runtime: Runtime = await startRuntime({
    scriptName,
    version,
    hosting: { kind: "elsewhere" },
    dataPlaneAddress: options.dataPlaneAddress,
    registries: options.registries,
    onLog: (message) => message.split("\n").forEach((line) => log(`| ${line}`)),
    onRestart: () => {
      log("crashed and runs again");
      // What the lost process had finished is not known: it counts from here.
      begun = 0;
      void updateTracing();
    },
    onEnd: () => {
      markEnded();
      onEnd();
    },
  });
  if (isTraced()) await updateTracing();
  const agent = createUpstreamAgent();
  const kill = async (): Promise<void> => {
    agent.destroy();
    await runtime.stop();
    markEnded();
  };
  return {
    scriptName,
    version,
    port: runtime.port,
    startedInMs: runtime.startedInMs,
    agent,
    get inFlight() {
      return inFlight;
    },
    begin() {
      inFlight++;
      begun++;
      return () => inFlight--;
    },
    rpcAddress: runtime.rpcAddress,
    runCron: runtime.runCron,
    runQueue: runtime.runQueue,
    updateTracing,
    async stop() {
      await settle(runtime, () => begun);
      await kill();
    },
    kill,
    ended,
  };
}

/** Waits for as many events to be over as were begun; answers end before what their Worker left to `waitUntil`. */
async function settle(runtime: Runtime, begun: () => number): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    // A process that does not answer has nothing left to wait for.
    const finished = await runtime.countFinished().catch(() => Infinity);
    if (finished >= begun()) return;
    await sleep(SETTLE_POLL_MS);
  }
}
