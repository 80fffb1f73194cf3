import { readFileSync } from "node:fs";
import path from "node:path";

import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  type V4WorkerOptions,
} from "miniflare";
import type { SourcelessWorkerOptions } from "wrangler";

import { BUNDLE } from "./build.ts";
import { toEdge } from "./edge.ts";
import { type CollectedSpan, readSpans } from "./spans.ts";
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
  /** Whether answers are compressed on their way, as at Cloudflare's edge; true when absent. */
  readonly isCompressing?: boolean;
  readonly companions?: Companions;
  /** Where what the Workers store is kept: their namespaces and durable objects; in memory, as it were, when absent. */
  readonly persistDir?: string;
  /** Whether the runtime traces the Worker, as Cloudflare does where `observability.traces` is enabled; false when absent. */
  readonly collectsSpans?: boolean;
}

/** Workers beside the one that is served. */
export interface Companions {
  readonly workers: readonly V4WorkerOptions[];
  /** Bindings of the served Worker to them. */
  readonly services: Readonly<Record<string, { readonly name: string; readonly entrypoint: string }>>;
}

export interface ServedWorker {
  readonly url: URL;
  /** Where a companion with a direct socket listens. */
  urlOf(companion: string): Promise<URL>;
  /** Spans of the Worker that have ended; fails unless they are collected. */
  spans(): Promise<readonly CollectedSpan[]>;
  /** Settles only when the runtime ends without being asked to. */
  readonly failure: Promise<Error>;
  /** Serves another build on the same port. When it cannot start, the previous one is back before this rejects. */
  reload(bundleDir: string): Promise<void>;
  /** Takes the memory of a companion's Durable Object away, as the platform does with one that sleeps; its WebSockets stay. */
  hibernate(companion: string, className: string, name: string): Promise<void>;
  /** Runs the cron trigger, of a companion if one is named; gives its outcome. */
  runCron(cron: string, companion?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Serves a built Worker on loopback, in one process of the real runtime. Rejects when it cannot start. */
export async function serveWorker(options: ServeOptions): Promise<ServedWorker> {
  const { bundleDir, port, vars, onLog, isCompressing = true, companions, persistDir, collectsSpans = false } = options;
  const { promise: failure, resolve: fail } = Promise.withResolvers<Error>();
  // Miniflare starts a runtime that crashed again; nobody shall overlook that one did.
  const reportCrash = (): void => fail(new Error("The Workers runtime ended unexpectedly"));
  const log = new RuntimeLog(onLog, reportCrash);
  const toOptions = (folder: string, ownPort: number): MiniflareOptions =>
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      log,
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: createLogHandler(folder, onLog),
      unsafeHandleRuntimeRestart: reportCrash,
      unsafeObservability: collectsSpans,
      unsafeLocalExplorer: collectsSpans,
      workers: [
        toEdge({ name: EDGE_NAME, workerName: WORKER_NAME, host: HOST, port: ownPort, isCompressing }),
        // Miniflare traces those only that are registered, and there is no registry here.
        { ...withServices(toWorker(folder, vars), companions?.services), unsafeRegisterWorker: collectsSpans },
        UNLIMITED_WORKER,
        ...(companions?.workers ?? []),
      ],
      ...(persistDir === undefined ? {} : { resourcePersistencePath: persistDir }),
    });
  let served = toOptions(bundleDir, port);
  const miniflare = new Miniflare(served);
  const url = await miniflare.unsafeGetDirectURL(EDGE_NAME).catch(rethrowBriefly);
  served = toOptions(bundleDir, Number(url.port));
  return {
    url,
    urlOf: (companion) => miniflare.unsafeGetDirectURL(companion),
    spans: async () => await readSpans(await miniflare.ready),
    failure,
    async reload(nextDir) {
      const next = toOptions(nextDir, Number(url.port));
      try {
        await miniflare.setOptions(next);
        served = next;
      } catch (error) {
        await miniflare.setOptions(served).catch(fail);
        rethrowBriefly(error);
      }
    },
    hibernate: (companion, className, name) =>
      miniflare.unsafeEvictDurableObject(companion, className, { name, webSockets: "hibernate" }),
    async runCron(cron, companion = WORKER_NAME) {
      const worker = await miniflare.getWorker(companion);
      return (await worker.scheduled({ cron, scheduledTime: new Date() })).outcome;
    },
    stop: () => miniflare.dispose(),
  };
}

const HOST = "127.0.0.1";
/** The served Worker, for companions that call it. */
export const WORKER_NAME = "served";
const EDGE_NAME = "edge";

/** Miniflare repeats all that the runtime wrote, which was in the log before, with better positions. */
function rethrowBriefly(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  throw new Error(error.message.split("\nRuntime stderr:", 1)[0], { cause: error });
}

type BundleOptions = SourcelessWorkerOptions & {
  readonly bindings: object;
  readonly assets: object;
  readonly serviceBindings?: object;
  readonly ratelimits?: V4WorkerOptions["ratelimits"];
};

function toWorker(folder: string, vars: ServeOptions["vars"]): V4WorkerOptions {
  const text = readFileSync(path.join(folder, BUNDLE.options), "utf8");
  const { ratelimits = {}, ...options }: BundleOptions = JSON.parse(text);
  const limits = Object.entries(ratelimits);
  const isUnlimited = ([, { simple }]: (typeof limits)[number]): boolean => simple.limit >= UNREACHABLE_LIMIT;
  const script = path.join(folder, BUNDLE.script);
  return {
    ...options,
    name: WORKER_NAME,
    modulesRoot: folder,
    modules: [{ type: "ESModule", path: script, contents: readFileSync(script, "utf8") }],
    bindings: { ...options.bindings, ...vars },
    assets: { ...options.assets, directory: path.join(folder, BUNDLE.assets) },
    ratelimits: Object.fromEntries(limits.filter((limit) => !isUnlimited(limit))),
    serviceBindings: {
      ...options.serviceBindings,
      ...Object.fromEntries(limits.filter(isUnlimited).map(([binding]) => [binding, UNLIMITED])),
    },
  };
}

function withServices(worker: V4WorkerOptions, services: Companions["services"] = {}): V4WorkerOptions {
  return { ...worker, serviceBindings: { ...worker.serviceBindings, ...services } };
}

/** Calls per period that no local client makes. Miniflare would write each call to a database, a third of a request's time. */
const UNREACHABLE_LIMIT = 1_000_000;

/** Takes the place of rate limits that nobody reaches. */
const UNLIMITED = { name: "unlimited", entrypoint: "Unlimited" };
const UNLIMITED_SOURCE = `import { WorkerEntrypoint } from "cloudflare:workers";
export class ${UNLIMITED.entrypoint} extends WorkerEntrypoint {
  limit() { return { success: true }; }
}
export default { fetch: () => new Response(null, { status: 404 }) };`;
const UNLIMITED_WORKER: V4WorkerOptions = {
  name: UNLIMITED.name,
  compatibilityDate: "2026-08-15",
  modulesRoot: "/",
  modules: [{ type: "ESModule", path: "/unlimited.mjs", contents: UNLIMITED_SOURCE }],
};

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
