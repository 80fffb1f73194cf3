// `npm run test:previous-release`: does the version that serves now survive the new schema? See options.ts for the help text.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { listenForInterrupts, whenAborted } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import { endWithUs } from "../process/end-with-us.ts";
import { ROOT } from "../process/run-script.ts";
import { createConsoleReport, formatSummary } from "../smoke/report.ts";
import { NoHistoryError } from "./history.ts";
import { HELP, parseOptions, type PreviousReleaseOptions } from "./options.ts";
import { testPreviousRelease } from "./run.ts";

const [FAILED, USAGE, NO_HISTORY, INTERRUPTED] = [1, 2, 75, 130];

const HINT =
  "What the previous release still uses may only be taken away by a later one: see docs/migrations.md, Expand, then contract.";

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== null) return await run(options);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) console.error(`${reason}\nSee npm run test:previous-release -- --help`);
    else console.error(error instanceof NoHistoryError ? `no previous release: ${reason}` : `failed: ${reason}`);
    if (error instanceof UsageError) return USAGE;
    return error instanceof NoHistoryError ? NO_HISTORY : FAILED;
  }
}

async function run(options: PreviousReleaseOptions): Promise<number> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "users-api-previous-")));
  endWithUs({ folders: [folder] });
  const signal = listenForInterrupts({
    onFirst: () => console.error("stopping"),
    onSecond: () => INTERRUPTED,
  });
  const hasColor = process.stdout.isTTY && !process.env["NO_COLOR"];
  const report = createConsoleReport({ write: console.log, hasColor });
  const stops: (() => Promise<void>)[] = [];
  const onStarted = (stop: () => Promise<void>): void => void stops.push(stop);
  try {
    const work = testPreviousRelease(options, { root: ROOT, folder, report, signal, onStarted });
    const checks = await Promise.race([work, whenAborted(signal)]);
    if (checks === null) return INTERRUPTED;
    if (checks.failed > 0) report.note(HINT);
    console.log(formatSummary({ passed: checks.passed, failed: checks.failed, skipped: 0 }));
    return checks.failed === 0 ? 0 : FAILED;
  } finally {
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

if (import.meta.main) {
  process.exitCode = await main();
  // After an interruption, what was still being started is not waited for; it ends with us.
  process.exit();
}
