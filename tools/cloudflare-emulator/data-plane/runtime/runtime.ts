import { setTimeout as sleep } from "node:timers/promises";

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

import { StartupError, type Version } from "../../model.ts";
import type { BatchResult, QueuedMessage } from "../../queues/message.ts";
import { COMPANION } from "./bindings.ts";
import { withoutSignalHandlers } from "./exit-signals.ts";
import type { ObjectHosting } from "./objects.ts";
import { createRegistry, type Registry, type RpcAddress } from "./registry.ts";
import { isStartupLine, tidyMessage, toStartupMessage } from "./startup-message.ts";
import { toWorkers } from "./worker-options.ts";

/** Far more than Cloudflare's second of CPU time: this machine may be busy. */
const START_TIMEOUT_MS = 30_000;

/** What a runtime writes about a client that went away, or about itself while it is replaced. */
const NOISE = /disconnected: (?:::|peer |read end |other end )/;

export interface RuntimeOptions {
  readonly scriptName: string;
  readonly version: Version;
  readonly hosting: ObjectHosting;
  /** Where the registries of processes are. */
  readonly registries: string;
  /** `host:port` of the data plane's services for the companion. */
  readonly dataPlaneAddress: string;
  readonly onLog: (message: string) => void;
  /** The process ended by itself and runs again, on the same port. */
  readonly onRestart: () => void;
  /** The process ended by itself and cannot start again. */
  readonly onEnd: () => void;
}

/** A version in a process of its own. */
export interface Runtime {
  readonly port: number;
  readonly startedInMs: number;
  /** Where its methods can be called just now. */
  rpcAddress(): RpcAddress;
  /** Gives the outcome of the event. */
  runCron(cron: string): Promise<string>;
  /** Calls the handler of a queue. */
  runQueue(queue: string, messages: readonly QueuedMessage[]): Promise<BatchResult>;
  /** Whether events are sent to the data plane. */
  setTracing(isOn: boolean): Promise<void>;
  /** How many events are over, what they left to `waitUntil` included. */
  countFinished(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a version, and resolves when it answers.
 * @throws StartupError
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const startedAt = performance.now();
  const registry = createRegistry(options.registries);
  const miniflare = launch(options, registry);
  const stop = async (): Promise<void> => {
    // Of a runtime that never started, Miniflare says so once more.
    await miniflare.dispose().catch(() => undefined);
    registry.remove();
  };
  try {
    await withinStartTime(miniflare.ready);
    const connected = await connect(miniflare, options.scriptName);
    const rpcAddress = (): RpcAddress => registry.addressOf(options.scriptName);
    return { ...connected, rpcAddress, stop, startedInMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    await stop();
    throw toStartupError(error);
  }
}

type Connected = Omit<Runtime, "startedInMs" | "rpcAddress" | "stop">;

async function connect(miniflare: Miniflare, scriptName: string): Promise<Connected> {
  const [worker, companion] = await Promise.all([
    miniflare.unsafeGetDirectURL(scriptName),
    miniflare.unsafeGetDirectURL(COMPANION),
  ]);
  const ask = createControl(companion);
  await ask("/");
  return {
    port: Number(worker.port),
    async runCron(cron) {
      const fetcher = await miniflare.getWorker(scriptName);
      return (await fetcher.scheduled({ cron, scheduledTime: new Date() })).outcome;
    },
    async runQueue(queue, messages) {
      const fetcher = await miniflare.getWorker(scriptName);
      return await fetcher.queue(queue, messages.map(toRuntimeMessage));
    },
    async setTracing(isOn) {
      await ask(isOn ? "/tracing/on" : "/tracing/off");
    },
    countFinished: () => ask("/"),
  };
}

function launch(options: RuntimeOptions, registry: Registry): Miniflare {
  const { hosting, onLog, onRestart, onEnd } = options;
  try {
    const converted = convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new RuntimeLog(onLog, onEnd),
      logRequests: false,
      telemetry: { enabled: false },
      unsafeHandleRuntimeRestart: onRestart,
      handleStructuredLogs: ({ message }) => {
        if (!NOISE.test(message) && !isStartupLine(message)) onLog(tidyMessage(message));
      },
      unsafeDevRegistryPath: registry.folder,
      ...(hosting.kind === "here" ? { resourcePersistencePath: hosting.folder } : {}),
      workers: toWorkers(options),
    });
    return withoutSignalHandlers(() => new Miniflare(converted));
  } catch (error) {
    throw toStartupError(error);
  }
}

function toStartupError(error: unknown): StartupError {
  return error instanceof StartupError ? error : new StartupError(toStartupMessage(error), { cause: error });
}

async function withinStartTime(ready: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(START_TIMEOUT_MS, null, { signal: timer.signal }).then(() => {
    // Not "startup": for that word wrangler profiles the script in a runtime of its own, which would never end either.
    throw new StartupError(`The script has not finished starting after ${START_TIMEOUT_MS / 1000} s.`);
  });
  try {
    await Promise.race([ready, timeout]);
  } finally {
    timeout.catch(() => undefined);
    timer.abort();
  }
}

/** As the runtime takes a message. */
function toRuntimeMessage({ id, sentAt: timestamp, attempts, contentType, body }: QueuedMessage) {
  if (contentType === "v8") return { id, timestamp, attempts, serializedBody: Uint8Array.from(body) };
  if (contentType === "bytes") return { id, timestamp, attempts, body: Uint8Array.from(body).buffer };
  const text = body.toString();
  return { id, timestamp, attempts, body: contentType === "json" ? (JSON.parse(text) as unknown) : text };
}

/** Asks the companion; gives the number of events that are over. */
function createControl(companion: URL): (path: string) => Promise<number> {
  return async (path) => {
    const response = await fetch(new URL(path, companion), { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
    const answer: unknown = await response.json();
    return typeof answer === "object" && answer !== null && "finished" in answer ? Number(answer.finished) : 0;
  };
}

/** Miniflare's own messages: only errors, and a runtime that could not be started again is the end. */
class RuntimeLog extends Log {
  readonly #onLog: (message: string) => void;
  readonly #onEnd: () => void;

  constructor(onLog: (message: string) => void, onEnd: () => void) {
    super(LogLevel.ERROR);
    this.#onLog = onLog;
    this.#onEnd = onEnd;
  }

  override error(error: Error): void {
    this.#onLog(tidyMessage(error.message));
    if ("code" in error && error.code === "ERR_RUNTIME_FAILURE") this.#onEnd();
  }
}
