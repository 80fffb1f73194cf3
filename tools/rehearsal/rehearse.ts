// `npm run rehearse`: releases one after another, under load, without an account. See rehearse-options.ts for the help text.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { listenForInterrupts } from "../command/interrupts.ts";
import { createProgress } from "../command/progress.ts";
import { UsageError } from "../command/usage-error.ts";
import { runRehearsal, type RehearsalRecord } from "./rehearsal.ts";
import { HELP, parseRehearseOptions, type RehearseOptions } from "./rehearse-options.ts";
import { checkAll } from "./report/checks.ts";
import { toDocument } from "./report/document.ts";
import { evaluate } from "./report/evaluation.ts";
import { exitCodeOf } from "./report/outcome.ts";
import { toPicture } from "./report/picture.ts";
import { drawTimeline } from "./report/svg.ts";
import { formatResult, formatTotals } from "./report/text.ts";
import { PROPAGATION_MS } from "./stack/index.ts";

const INTERRUPTED = 130;

const ROOT = path.resolve(import.meta.dirname, "../..");

async function main(): Promise<number> {
  try {
    const options = parseRehearseOptions(process.argv.slice(2), ROOT);
    if (options === null) {
      process.stdout.write(HELP);
      return 0;
    }
    return await run(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(error instanceof UsageError ? reason : `npm run rehearse failed: ${reason}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(options: RehearseOptions): Promise<number> {
  const isTerminal = Boolean(process.stdout.isTTY);
  const columns = process.stdout.columns || 80;
  const write = (text: string): void => void process.stdout.write(text);
  const progress = createProgress({ write, isTerminal, columns, clock: Date.now });
  const signal = listenForInterrupts({
    onFirst: () => progress.line("stopping: the release command is left to reach a safe state"),
    onSecond: () => INTERRUPTED,
  });
  try {
    const record = await runRehearsal(options, { root: ROOT, progress, signal });
    return report(options, record);
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.line("interrupted; everything is stopped");
    return INTERRUPTED;
  }
}

/** Writes the results; gives the exit code. */
function report({ seed, minRequests, outFolder }: RehearseOptions, record: RehearsalRecord): number {
  const { evidence, parent, startedAt, endedAt, leftProcesses } = record;
  const { runs, records } = evidence;
  const evaluation = evaluate(evidence);
  const checks = checkAll(evaluation, { minRequests, leftProcesses });
  const { lost } = evaluation;
  const picture = toPicture({
    runs,
    records,
    lost,
    shortages: evaluation.room.shortages,
    parent,
    from: startedAt,
    to: endedAt,
    propagationMs: PROPAGATION_MS,
  });
  const document = toDocument({ evaluation, checks, records, startedAt, endedAt, seed });
  const files = { picture: path.join(outFolder, "timeline.svg"), document: path.join(outFolder, "report.json") };
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(files.picture, drawTimeline(picture));
  writeFileSync(files.document, `${JSON.stringify(document, null, 2)}\n`);
  console.log(["", ...formatResult(evaluation, checks), "", files.picture, files.document].join("\n"));
  for (const line of formatTotals(checks)) console.log(line);
  return exitCodeOf(checks);
}

if (import.meta.main) {
  process.exitCode = await main();
  process.exit();
}
