import path from "node:path";

import { sizeOf } from "../../tools/bundle/measure.ts";
import type { CommandContext } from "../../tools/command/run-command.ts";
import { buildApi } from "../../tools/workerd/api-bundle.ts";
import type { BenchOptions } from "../command/options.ts";
import { describeMachine } from "../report/machine.ts";
import { writeReport } from "../report/write.ts";
import { orderOf } from "../run/matrix.ts";
import { medianOf } from "../run/summary.ts";
import { createFolder } from "../stack/start-stack.ts";
import { type StartTimes, toColdStartReport, toColdStartText } from "./report.ts";
import { sharesOf } from "./shares.ts";
import { createApiStarter, createEmptyStarter, type Starter } from "./starts.ts";

const CPU_RUNS = 5;
const FIRST_ANSWER_RUNS = 10;

/** Measures how large the bundle is, where its bytes come from, and how long the Worker takes to start. */
export async function runColdStartCommand(options: BenchOptions, context: CommandContext): Promise<number> {
  const { progress, cleanup, signal } = context;
  const folder = createFolder(cleanup);
  progress.line("building the Worker, and an empty one");
  const bundle = await buildApi(path.join(folder, "build"));
  const api = await createApiStarter(bundle, folder);
  const empty = await createEmptyStarter(bundle, folder);
  signal.throwIfAborted();
  progress.line(`processor time of starting, ${CPU_RUNS} times each`);
  const cpu = await repeat(CPU_RUNS, [api, empty], ({ measureCpu }) => measureCpu(), signal);
  progress.line(`time from process to first answer, ${FIRST_ANSWER_RUNS} times each`);
  const first = await repeat(FIRST_ANSWER_RUNS, [api, empty], (one) => one.measureFirstAnswer(), signal);
  progress.end();
  const coldStart = {
    size: sizeOf(api.build.modules),
    shares: sharesOf(api.build.metadata),
    startupCpu: toTimes(cpu, (milliseconds) => milliseconds),
    firstAnswer: toTimes(first, ({ milliseconds }) => milliseconds),
    firstAnswerCpu: toTimes(first, ({ processorMs }) => processorMs),
  };
  const report = toColdStartReport(describeMachine(null, null), coldStart);
  const files = writeReport(report, { ...options, scratchName: "cold-start" });
  console.log(["", ...toColdStartText(coldStart), "", ...files].join("\n"));
  return 0;
}

type Raw<Measured> = Readonly<Record<Starter["name"], readonly Measured[]>>;

/** Measures both in turn, in an order that changes; the first time of each does not count: files are read from disk then. */
async function repeat<Measured>(
  runs: number,
  starters: readonly Starter[],
  measure: (starter: Starter) => Promise<Measured>,
  signal: AbortSignal,
): Promise<Raw<Measured>> {
  const raw: Record<Starter["name"], Measured[]> = { api: [], empty: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const starter of orderOf(starters, run)) {
      signal.throwIfAborted();
      const measured = await measure(starter);
      if (run > 0) raw[starter.name].push(measured);
    }
  }
  return raw;
}

function toTimes<Measured>(measured: Raw<Measured>, pick: (one: Measured) => number): StartTimes {
  const raw = { api: measured.api.map(pick), empty: measured.empty.map(pick) };
  const [apiMs, emptyMs] = [medianOf(raw.api), medianOf(raw.empty)];
  return { api_ms: apiMs, empty_ms: emptyMs, ratio: emptyMs === 0 ? null : apiMs / emptyMs, raw };
}
