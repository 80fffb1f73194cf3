import { readFileSync } from "node:fs";
import path from "node:path";

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import type { SourcelessWorkerOptions } from "wrangler";

import { BUNDLE } from "./build.ts";
import { createStackMapper } from "./stack-traces.ts";

export interface ServeOptions {
  /** Where `buildWorker` put the Worker. */
  readonly bundleDir: string;
  /** Any free port when 0. */
  readonly port: number;
  /** Variables and secrets, over those of `wrangler.toml`; they stay in memory. */
  readonly vars: Readonly<Record<string, string>>;
  /** Receives what the Worker and the runtime log, message by message. */
  readonly onLog: (message: string) => void;
}

export interface ServedWorker {
  readonly url: URL;
  /** Settles only when the runtime ends without being asked to. */
  readonly failure: Promise<Error>;
  /** Serves another build on the same port. When it cannot start, the previous one is back before this rejects. */
  reload(bundleDir: string): Promise<void>;
  /** Runs the cron trigger; gives its outcome. */
  runCron(cron: string): Promise<string>;
  stop(): Promise<void>;
}

/** Serves a built Worker on loopback, in one process of the real runtime. Rejects when it cannot start. */
export async function serveWorker({ bundleDir, port, vars, onLog }: ServeOptions): Promise<ServedWorker> {
  const { promise: failure, resolve: fail } = Promise.withResolvers<Error>();
  // Miniflare starts a runtime that crashed again; nobody shall overlook that one did.
  const reportCrash = (): void => fail(new Error("The Workers runtime ended unexpectedly"));
  const log = new RuntimeLog(onLog, reportCrash);
  const toOptions = (folder: string): MiniflareOptions =>
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port,
      cf: false,
      log,
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: createLogHandler(folder, onLog),
      unsafeHandleRuntimeRestart: reportCrash,
      workers: [toWorker(folder, vars)],
    });
  let served = toOptions(bundleDir);
  const miniflare = new Miniflare(served);
  const url = await miniflare.ready.catch(rethrowBriefly);
  return {
    url,
    failure,
    async reload(nextDir) {
      const next = toOptions(nextDir);
      try {
        await miniflare.setOptions(next);
        served = next;
      } catch (error) {
        await miniflare.setOptions(served).catch(fail);
        rethrowBriefly(error);
      }
    },
    async runCron(cron) {
      const worker = await miniflare.getWorker();
      return (await worker.scheduled({ cron, scheduledTime: new Date() })).outcome;
    },
    stop: () => miniflare.dispose(),
  };
}

/** Miniflare repeats all that the runtime wrote, which was in the log before, with better positions. */
function rethrowBriefly(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  throw new Error(error.message.split("\nRuntime stderr:", 1)[0], { cause: error });
}

function toWorker(folder: string, vars: ServeOptions["vars"]) {
  const text = readFileSync(path.join(folder, BUNDLE.options), "utf8");
  const options: SourcelessWorkerOptions & { bindings: object; assets: object } = JSON.parse(text);
  const script = path.join(folder, BUNDLE.script);
  return {
    ...options,
    modulesRoot: folder,
    modules: [{ type: "ESModule" as const, path: script, contents: readFileSync(script, "utf8") }],
    bindings: { ...options.bindings, ...vars },
    assets: { ...options.assets, directory: path.join(folder, BUNDLE.assets) },
  };
}

/** What a runtime writes about a client that went away, or about itself while it is replaced. */
const NOISE = /disconnected: (?:::|peer |read end |other end )/;

function createLogHandler(folder: string, onLog: ServeOptions["onLog"]) {
  const mapStack = createStackMapper(path.join(folder, BUNDLE.sourceMap));
  return ({ message }: { message: string }): void => {
    if (!NOISE.test(message)) onLog(mapStack(message));
  };
}

/** Miniflare's own messages: only errors, and a runtime that could not be started again is the end. */
class RuntimeLog extends Log {
  readonly #onLog: ServeOptions["onLog"];
  readonly #onEnd: () => void;

  constructor(onLog: ServeOptions["onLog"], onEnd: () => void) {
    super(LogLevel.ERROR);
    this.#onLog = onLog;
    this.#onEnd = onEnd;
  }

  override error(error: Error): void {
    this.#onLog(error.stack ?? error.message);
    if ("code" in error && error.code === "ERR_RUNTIME_FAILURE") this.#onEnd();
  }
}
