// `npm run release`: options and environment in, a released version or an untouched deployment out. See command/options.ts for the help text.
import { listenForInterrupts } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import type { VersionShare } from "./cloudflare/control-plane.ts";
import { formatShares } from "./cloudflare/versions.ts";
import { askYesOrNo } from "./command/confirm.ts";
import { type ConsoleProgress, openConsoleProgress } from "./command/console-progress.ts";
import { readReleaseSecrets, readTarget } from "./command/environment.ts";
import { HELP, parseReleaseOptions, type ReleaseOptions } from "./command/options.ts";
import { assertConfirmable } from "./command/usage.ts";
import { runRelease } from "./controller.ts";
import { DEFAULT_LIMITS } from "./judge/judge.ts";
import { systemClock } from "./measure/clock.ts";
import { openParts, workerOf } from "./parts/open-parts.ts";
import { assertBakeIsLongEnough } from "./parts/probe-budget.ts";
import { describeEnding, describeWayOut } from "./report/ending.ts";
import { createJournal, type Journal } from "./report/journal.ts";
import { EXIT_CODES, USAGE_EXIT_CODE } from "./report/outcome.ts";
import { assertWritable, saveReport } from "./report/report-file.ts";

async function main(): Promise<number> {
  const options = parseReleaseOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  assertConfirmable({ env: options.env, isConfirmed: options.isConfirmed || options.isDryRun, isInteractive });
  // Needs all of the variables, so that all that is missing is named at once.
  const secrets = readReleaseSecrets(process.env);
  const target = readTarget(process.env);
  assertWritable(options.reportFile);
  assertBakeIsLongEnough(options.bakeMs, secrets.apiKeys.length, DEFAULT_LIMITS);
  const progress = openConsoleProgress(process);
  const worker = workerOf(options.env);
  progress.print(`Target ${target.kind}, API ${target.apiBaseUrl}\nWorker ${worker} at ${target.url}`);

  const subject = { target: target.kind, env: options.env, worker, url: target.url };
  const journal = createJournal({ subject, clock: systemClock, today: () => new Date(), progress });
  const lastKnown: LastKnown = { shares: null, previous: null };
  const signal = listenForInterrupts({
    onFirst(error) {
      const cause = error === null ? "Interrupted" : `Unexpected error (${error.message})`;
      progress.note(`${cause}: going to a safe state. A second Ctrl-C ends at once.`);
    },
    onSecond: () => endAtOnce(options, progress, journal, lastKnown),
    takesErrors: true,
  });
  const mustAsk = options.env === "production" && !options.isConfirmed;
  const parts = openParts({
    env: options.env,
    worker,
    target,
    secrets,
    isSmokeReadOnly: options.isSmokeReadOnly,
    environment: process.env,
    signal,
    confirm: (text, stop) => confirmPlan(progress, text, mustAsk, stop),
    onSmoke: (text) => progress.update(text),
  });
  const report = await runRelease({
    plan: { ...subject, ...options, verifiedCommit: secrets.verifiedCommit },
    parts,
    journal,
    signal,
    note: (text) => progress.note(text),
    onTraffic(shares, { previous }) {
      Object.assign(lastKnown, { shares, previous });
    },
  });
  progress.close();
  progress.print(describeEnding(report, signal.aborted));
  saveReport(options.reportFile, report, (text) => progress.print(text));
  return report.exitCode;
}

interface LastKnown {
  shares: readonly VersionShare[] | null;
  previous: string | null;
}

/** Nothing is safe to say but what was known last; a deployment that is being written ends by itself. */
function endAtOnce(
  options: ReleaseOptions,
  progress: ConsoleProgress,
  journal: Journal,
  { shares, previous }: LastKnown,
): number {
  const outcome = shares === null ? "interrupted" : "unverified";
  progress.close();
  const state = shares === null ? "no deployment was changed" : `last known to be live: ${formatShares(shares)}`;
  progress.print(`Ended at once; ${state}.`);
  if (shares !== null) progress.print(describeWayOut({ env: options.env, previousId: previous }).join("\n"));
  const report = journal.report(outcome, ["Ended at once by a second interruption."]);
  saveReport(options.reportFile, report, (text) => progress.print(text));
  return EXIT_CODES[outcome];
}

async function confirmPlan(
  progress: ConsoleProgress,
  text: string,
  mustAsk: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  progress.note(text);
  if (!mustAsk) return true;
  progress.close();
  return await askYesOrNo("Release this to production?", { input: process.stdin, output: process.stdout }, signal);
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee npm run release -- --help`);
    process.exitCode = USAGE_EXIT_CODE;
  }
}
