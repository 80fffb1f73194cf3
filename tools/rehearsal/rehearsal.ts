import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Progress } from "../command/progress.ts";
import { endWithUs } from "../process/end-with-us.ts";
import type { Calibration } from "./load/calibration.ts";
import { type Load, startLoad } from "./load/index.ts";
import type { RehearseOptions } from "./rehearse-options.ts";
import type { Evidence } from "./report/evaluation.ts";
import { type ProcessWatch, watchProcesses } from "./report/processes.ts";
import type { ScenarioRun } from "./report/run.ts";
import { describeLoad } from "./report/status.ts";
import { type BusyLoops, startBusyLoops } from "./room/busy-loops.ts";
import { type ProcessorShares, watchProcessors } from "./room/processor-shares.ts";
import { findShortages, isDisturbed } from "./room/shortage.ts";
import { readUsers } from "./scenarios/database-state.ts";
import { readDeployments } from "./scenarios/live-deployments.ts";
import { createScenarioRunner, type ScenarioRunner } from "./scenarios/runner.ts";
import type { Scenario } from "./scenarios/scenarios.ts";
import { LOAD_PREFIX, PROPAGATION_MS, type RehearsalStack, startStack, WORKER } from "./stack/index.ts";
import { followEvents } from "./subscribers/follow.ts";
import { TELEMETRY_WORKER } from "./telemetry/index.ts";

export interface RehearsalContext {
  /** Of the project. */
  readonly root: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** All that is needed to judge it; nothing of it runs any more. */
export interface RehearsalRecord {
  readonly evidence: Evidence;
  /** The version that was live at the start. */
  readonly parent: string;
  /** Of the load, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly leftProcesses: readonly string[];
}

/** Requests before the first release and after the last command, so that both have something to be compared with. */
const CALM_MS = 3_000;
const LOOK_MS = 1_000;
const MAX_EXTRA_MS = 120_000;

/** Runs the scenarios under load and leaves nothing behind. Rejects when it is interrupted or a part does not start. */
export async function runRehearsal(options: RehearseOptions, context: RehearsalContext): Promise<RehearsalRecord> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "users-api-rehearsal-")));
  const removeFolder = (): void => {
    if (!options.keepsFolder) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  process.once("exit", removeFolder);
  const watcher = endWithUs({ folders: options.keepsFolder ? [] : [folder] });
  const watch = watchProcesses(process.pid, watcher);
  const processors = watchProcessors(process.pid);
  const shares: ProcessorShares[] = [];
  const looking = setInterval(() => {
    const seen = processors.look(watch.look());
    if (seen !== null) shares.push(seen);
  }, LOOK_MS);
  const stops: (() => Promise<void>)[] = [];
  try {
    const seen = await rehearse(options, context, { folder, shares, onStarted: (stop) => void stops.push(stop) });
    watch.look();
    await stopAll(stops, context.progress);
    return { ...seen, leftProcesses: await leftOf(watch) };
  } finally {
    clearInterval(looking);
    await stopAll(stops, context.progress);
    removeFolder();
    process.off("exit", removeFolder);
    if (options.keepsFolder) context.progress.line(`kept: ${folder}`);
  }
}

interface Workplace {
  readonly folder: string;
  /** Grows as long as it runs. */
  readonly shares: readonly ProcessorShares[];
  readonly onStarted: (stop: () => Promise<void>) => void;
}

async function rehearse(
  options: RehearseOptions,
  { root, progress, signal }: RehearsalContext,
  { folder, shares, onStarted }: Workplace,
): Promise<Omit<RehearsalRecord, "leftProcesses">> {
  const { rate, maxRate, seed } = options;
  const stack = await startStack({ root, folder, maxRate: rate ?? maxRate, log: progress.line, signal }, onStarted);
  const { origin, controlOrigin, loadKeys: apiKeys, users, parent } = stack;
  const subscribers = await followEvents(stack, onStarted);
  const load = startLoad({ origin, controlOrigin, rate, maxRate, seed, apiKeys, users });
  onStarted(load.kill);
  const startedAt = Date.now();
  const status = setInterval(() => progress.status(describeLoad(load.records, Date.now())), LOOK_MS);
  try {
    if (rate === null) progress.line("measuring how much this machine answers");
    const calibration = await Promise.race([load.calibration, load.failure]);
    progress.line(`${describeCalibration(calibration)} to ${origin}`);
    await sleep(CALM_MS, undefined, { signal });
    if (options.isDisturbed) onStarted(disturb(progress));
    const runs = await runScenarios(options, { stack, load, folder, progress, signal });
    await sleep(CALM_MS, undefined, { signal });
    await waitForRequests(load, options, signal);
    const endedAt = Date.now();
    const expectations = await load.stop();
    progress.line("waiting until the subscribers have seen everything");
    const seen = await subscribers.finish();
    const evidence = {
      runs,
      records: load.records,
      deployments: await readDeployments(stack.emulator, WORKER),
      expectations,
      rows: await readUsers(stack.databaseUrl, LOAD_PREFIX),
      propagationMs: PROPAGATION_MS,
      room: { samples: load.room, shares, ...calibration },
      subscribers: seen,
      // Streams are over by now, and counted.
      telemetry: await stack.telemetry.collect(WORKER),
    };
    return { evidence, parent: parent.versionId, startedAt, endedAt };
  } finally {
    clearInterval(status);
    progress.end();
  }
}

function describeCalibration({ rate, capacity }: Calibration): string {
  return capacity === null
    ? `${rate} requests per second`
    : `${rate} requests per second, of ${capacity.toFixed(0)} that this machine answers,`;
}

/** Gives a way to stop it. */
function disturb(progress: Progress): () => Promise<void> {
  const loops: BusyLoops = startBusyLoops(progress.line);
  return async () => loops.stop();
}

/** A fast machine releases so fast that there is less to see; then the load goes on for a while. */
async function waitForRequests(
  { records }: Load,
  { minRequests }: RehearseOptions,
  signal: AbortSignal,
): Promise<void> {
  const count = minRequests ?? 0;
  for (let waitedMs = 0; records.length < count && waitedMs < MAX_EXTRA_MS; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS, undefined, { signal });
  }
}

interface ScenarioParts extends Pick<RehearsalContext, "progress" | "signal"> {
  readonly stack: RehearsalStack;
  readonly load: Load;
  readonly folder: string;
}

async function runScenarios(
  { scenarios, bake }: RehearseOptions,
  { stack, load, folder, progress, signal }: ScenarioParts,
): Promise<ScenarioRun[]> {
  const { copy, emulator: access, databaseUrl, env, parent, telemetry } = stack;
  const world = {
    copy,
    access,
    workers: { api: WORKER, telemetry: TELEMETRY_WORKER },
    disturbTelemetry: () => telemetry.disturb(),
    databaseUrl,
    reportsFolder: folder,
    env,
    bake,
    log: progress.line,
    signal,
  };
  const runner = createScenarioRunner(world, parent);
  const runs: ScenarioRun[] = [];
  for (const scenario of scenarios) {
    const first = await runOnce(scenario, runner, { load, progress, signal });
    const isToRepeat = first.problems.length > 0 && scenario.command === "release" && wasDisturbed(first, load);
    if (!isToRepeat) {
      runs.push(first);
      continue;
    }
    progress.line(`--- ${scenario.name}: the machine had no room for it; once more`);
    runs.push({ ...first, isSuperseded: true }, await runOnce(scenario, runner, { load, progress, signal }));
  }
  return runs;
}

async function runOnce(
  scenario: Scenario,
  runner: ScenarioRunner,
  { load, progress, signal }: Pick<ScenarioParts, "load" | "progress" | "signal">,
): Promise<ScenarioRun> {
  progress.line(`--- ${scenario.name}: ${scenario.title}`);
  const run = await Promise.race([runner.run(scenario), load.failure]);
  // A command that was interrupted has left a safe state by now; what it did proves nothing.
  signal.throwIfAborted();
  const verdict = run.problems.length === 0 ? "as expected" : `NOT as expected: ${run.problems.join("; ")}`;
  progress.line(`--- ${scenario.name}: ${verdict}, ${((run.endedAt - run.startedAt) / 1_000).toFixed(1)} s`);
  return run;
}

/** A fault that was missed stays missed, whatever the machine did. */
function wasDisturbed({ startedAt, endedAt, hasMissedFault }: ScenarioRun, { room }: Load): boolean {
  return !hasMissedFault && isDisturbed(findShortages(room), startedAt, endedAt);
}

/** The last one that was started first; each once. What does not stop is told, and does not keep the others. */
async function stopAll(stops: (() => Promise<void>)[], progress: Progress): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    await stop().catch((error: unknown) => progress.line(`a part did not stop: ${String(error)}`));
  }
}

/** An ended process may take a moment to disappear. */
async function leftOf(watch: ProcessWatch): Promise<string[]> {
  for (let attempt = 0; attempt < 20 && watch.left().length > 0; attempt += 1) await sleep(100);
  return watch.left();
}
