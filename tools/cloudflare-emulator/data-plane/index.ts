import type { DataPlaneFaults } from "../model.ts";
import type { Delivery } from "../queues/broker.ts";
import type { BatchResult } from "../queues/message.ts";
import { createCompanionServer } from "./companion/companion-server.ts";
import { createLimiter } from "./companion/limiter.ts";
import { createRemoteCalls } from "./companion/remote-calls.ts";
import { closeWide, listenWide } from "./edge/accept-queues.ts";
import { createEdgeServer } from "./edge/edge-server.ts";
import { createScriptServers, type ScriptServers } from "./edge/script-servers.ts";
import { createEngine, type Engine, startLiveVersions } from "./engine.ts";
import { isLease } from "./routing/dispatch.ts";
import { evenDraws } from "./routing/draw.ts";
import { createRequestCounts } from "./routing/request-counts.ts";
import { exitOnSignals } from "./runtime/exit-signals.ts";
import type { DataPlaneOptions, RunningDataPlane } from "./types.ts";

export type { RunningDataPlane, TraceEvent } from "./types.ts";

const DEFAULT_WARM_VERSIONS = 3;
const DEFAULT_DRAIN_TIMEOUT_MS = 60_000;

/** Starts listening; versions start when the control plane says so. Rejects when the port is taken. */
export async function startDataPlane(options: DataPlaneOptions): Promise<RunningDataPlane> {
  const faults = createFaults();
  let companionPort = 0;
  const engine = createEngine({
    subdomain: options.subdomain,
    log: options.log,
    warmVersions: options.warmVersions ?? DEFAULT_WARM_VERSIONS,
    drainTimeoutMs: options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS,
    draw: options.random ?? evenDraws(Math.random()),
    faults: faults.current,
    companionAddress: () => `127.0.0.1:${companionPort}`,
    stateDir: options.stateDir,
  });
  const { dispatch, processes, traces, objects } = engine;
  const counts = createRequestCounts(processes);
  const counting = { onRequest: counts.add, onAnswer: counts.addAnswer };
  const proxy = createEdgeServer({ lease: ({ headers }) => dispatch.byHost(headers), ...counting });
  const companions = createCompanionServer({
    dispatch,
    ...counting,
    limiter: createLimiter(Date.now),
    kv: options.kv ?? null,
    broker: options.broker ?? null,
    onTrace: createTraceReceiver(engine),
    remoteCalls: createRemoteCalls({ dispatch, objects, losesAnswer: faults.losesAnswer }),
  });
  const scripts = createScriptServers(options.stateDir, (scriptName) =>
    createEdgeServer({ lease: ({ headers }) => dispatch.toScript(scriptName, headers), ...counting }),
  );
  const proxyPort = await listenWide(proxy, options.port);
  companionPort = await listenWide(companions, 0);
  const stopExitOnSignals = exitOnSignals();
  const end = async (): Promise<void> => {
    engine.publications.close();
    engine.lifecycle.close();
    await Promise.all([closeWide(proxy), scripts.closeAll(), processes.close(), objects.close()]);
    await closeWide(companions);
    stopExitOnSignals();
  };
  let ended: Promise<void> | null = null;
  return {
    ...createPublisher(engine, scripts),
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    originOf: scripts.originOf,
    runCron: (scriptName, cron) => runCron(engine, scriptName, cron),
    deliver: (delivery) => deliver(engine, delivery),
    evictObjects: objects.evict,
    onTrace: traces.subscribe,
    setFaults: faults.change,
    faults: faults.current,
    stats: counts.stats,
    close: () => (ended ??= end()),
  };
}

interface Faults {
  current(): DataPlaneFaults;
  change(changes: Partial<DataPlaneFaults>): void;
  /** Whether the answer of the call that begins now is to be lost. */
  losesAnswer(): boolean;
}

function createFaults(): Faults {
  let faults: DataPlaneFaults = { propagationMs: 0, ignoreOverrides: false, loseRpcAnswers: 0 };
  return {
    current: () => faults,
    change: (changes) => void (faults = { ...faults, ...changes }),
    losesAnswer() {
      const isLost = faults.loseRpcAnswers > 0;
      if (isLost) faults = { ...faults, loseRpcAnswers: faults.loseRpcAnswers - 1 };
      return isLost;
    },
  };
}

function createPublisher(
  engine: Engine,
  scripts: ScriptServers,
): Pick<RunningDataPlane, "tryStart" | "publish" | "remove"> {
  const { known, lifecycle, processes, publications, objects } = engine;
  const inOrder = createSequence();
  return {
    async tryStart({ name }, version) {
      const { startedInMs } = await processes.ensure(name, version);
      known.add(name, version);
      lifecycle.keepFresh(name, version.id);
      return startedInMs;
    },
    publish: (script) =>
      inOrder(script.name, async () => {
        const announcement = publications.announce(script);
        try {
          await startLiveVersions(engine, script);
          await scripts.open(script.name);
        } catch (error) {
          announcement.cancel();
          throw error;
        }
        known.remember(script);
        announcement.serve();
      }),
    remove: (scriptName) =>
      inOrder(scriptName, async () => {
        publications.remove(scriptName);
        known.forget(scriptName);
        lifecycle.abandon(scriptName);
        await Promise.all([processes.ended(scriptName), objects.remove(scriptName)]);
        await scripts.close(scriptName);
      }),
  };
}

/** Runs the tasks of each name one after the other. */
function createSequence(): (name: string, task: () => Promise<void>) => Promise<void> {
  const tails = new Map<string, Promise<void>>();
  return (name, task) => {
    const result = (tails.get(name) ?? Promise.resolve()).then(task);
    tails.set(
      name,
      result.catch(() => undefined),
    );
    return result;
  };
}

function createTraceReceiver({ known, traces }: Engine) {
  return (versionId: string, items: readonly unknown[]): void => {
    const origin = known.find(versionId);
    if (origin !== null) traces.emit(origin.scriptName, origin.version, items);
  };
}

async function runCron({ dispatch }: Engine, scriptName: string, cron: string): Promise<string> {
  const lease = await dispatch.toScript(scriptName, {});
  if (!isLease(lease)) throw new Error(lease.message);
  try {
    return await lease.process.runCron(cron);
  } finally {
    lease.end();
  }
}

async function deliver({ dispatch }: Engine, { script, queue, messages }: Delivery): Promise<BatchResult | null> {
  const lease = await dispatch.toScript(script, {});
  if (!isLease(lease)) return null;
  try {
    return await lease.process.runQueue(queue, messages);
  } finally {
    lease.end();
  }
}
