import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../../tools/command/run-command.ts";
import { UsageError } from "../../tools/command/usage-error.ts";
import type { BenchOptions } from "../command/options.ts";
import { createAutocannon, runAutocannon } from "../load/autocannon.ts";
import { assertAnswers, type LoadResult } from "../load/load.ts";
import { describeMachine } from "../report/machine.ts";
import { writeReport } from "../report/write.ts";
import { findScenario } from "../scenarios/index.ts";
import { ROW_COUNT } from "../scenarios/rows.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startStack } from "../stack/start-stack.ts";
import { startApi } from "../variants/api.ts";
import { judgeSoak, WARMUP_SECONDS } from "./judge.ts";
import { toSoakReport } from "./report.ts";
import { residentMegabytes } from "./resident.ts";
import type { MemorySample } from "./trend.ts";
import { warmUp } from "./warm-up.ts";

const CONNECTIONS = 64;
const CAPACITY_SECONDS = 20;
/** What the platform allows an isolate. Left to itself, V8 takes what the machine has, and collects late. */
const ISOLATE_MEGABYTES = 128;
const SHARE_OF_CAPACITY = 0.5;

/** Watches the memory of the API's process at a fixed load. */
export async function runSoakCommand(options: BenchOptions, context: CommandContext): Promise<number> {
  const { progress, cleanup, signal } = context;
  const scenario = chooseScenario(options);
  const seconds = options.minutes * 60;
  if (seconds <= WARMUP_SECONDS) throw new UsageError("--minutes must be 2 at least: the first one is warm-up.");
  const stack = await startStack(context);
  const api = await startApi(stack, { v8Flags: [`--max-heap-size=${ISOLATE_MEGABYTES}`] });
  cleanup.add(() => api.stop());
  const load = createLoad(stack, scenario, api.origin, signal);
  progress.line(`finding the capacity with ${scenario.name}`);
  await load("warm00", 2, null);
  const capacity = (await load("full00", CAPACITY_SECONDS, null)).rps;
  const rate = Math.round(capacity * SHARE_OF_CAPACITY);
  progress.line(`${capacity.toFixed(0)} requests a second at most; warming up with as many until the size has settled`);
  const loadFully = async (stretch: number, length: number): Promise<number> =>
    (await load(`warm${String(stretch + 1).padStart(2, "0")}`, length, null)).requests;
  const warmth = await warmUp(api.pid, loadFully, progress.line);
  await stack.database.restore();
  progress.line(`soaking at ${rate} requests a second for ${options.minutes} min`);
  const sampling = new AbortController();
  const samples = sample(api.pid, AbortSignal.any([signal, sampling.signal]), (text) => progress.status(text));
  const result = await load("soak00", seconds, rate).finally(() => sampling.abort());
  api.assertAlive();
  progress.end();
  const verdict = judgeSoak(await samples);
  const machine = describeMachine(stack.database.version, createAutocannon(stack.folder));
  const settings = { scenario: scenario.name, seconds, connections: CONNECTIONS, capacity, rate };
  const report = toSoakReport({ machine, settings, warmth, samples: await samples, result, verdict });
  const files = writeReport(report, { ...options, scratchName: "soak" });
  console.log(["", report.markdown.trim(), "", ...files].join("\n"));
  return verdict.problems.length === 0 ? 0 : 1;
}

/** Reads and writes, unless something else was asked for. */
function chooseScenario({ scenarios }: BenchOptions): Scenario {
  const [only, ...others] = scenarios;
  const chosen = only !== undefined && others.length === 0 ? only : findScenario("mixed");
  if (chosen.isDeleting) throw new UsageError("--scenario: users to delete would run out during a soak.");
  return chosen;
}

function createLoad(stack: BenchStack, scenario: Scenario, origin: string, signal: AbortSignal) {
  return async (nonce: string, seconds: number, rate: number | null): Promise<LoadResult> => {
    const { requests } = scenario;
    const job = { origin, requests, connections: CONNECTIONS, seconds, nonce, rows: ROW_COUNT, rate };
    const result = await runAutocannon(stack.folder, job, signal);
    assertAnswers("api", { scenario }, result);
    return result;
  };
}

/** A sample a second, until the signal aborts. */
async function sample(
  pid: number,
  signal: AbortSignal,
  onStatus: (text: string) => void,
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = [];
  const startedAt = performance.now();
  while (!signal.aborted) {
    const second = (performance.now() - startedAt) / 1_000;
    samples.push({ second, megabytes: residentMegabytes(pid) });
    onStatus(`${second.toFixed(0)} s, ${samples.at(-1)?.megabytes.toFixed(1)} MB`);
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}
