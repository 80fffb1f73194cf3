// `npm run rollback`: gives all traffic back to an earlier version. See rollback/options.ts for the help text.
import { listenForInterrupts } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import { ROOT } from "../verify/run-bin.ts";
import { createWranglerControlPlane } from "./cloudflare/wrangler.ts";
import { askYesOrNo } from "./command/confirm.ts";
import { type ConsoleProgress, openConsoleProgress } from "./command/console-progress.ts";
import { readTarget } from "./command/environment.ts";
import { assertConfirmable } from "./command/usage.ts";
import { systemClock } from "./measure/clock.ts";
import { workerOf } from "./parts/open-parts.ts";
import { createJournal } from "./report/journal.ts";
import { EXIT_CODES, USAGE_EXIT_CODE } from "./report/outcome.ts";
import { assertWritable, saveReport } from "./report/report-file.ts";
import { describeRollbackEnding } from "./rollback/ending.ts";
import { HELP, parseRollbackOptions } from "./rollback/options.ts";
import { runRollback } from "./rollback/run.ts";
import { waitForVersion } from "./traffic/propagation.ts";

async function main(): Promise<number> {
  const options = parseRollbackOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const { env, to, isConfirmed, reportFile } = options;
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  assertConfirmable({ env, isConfirmed, isInteractive });
  const target = readTarget(process.env);
  assertWritable(reportFile);
  const progress = openConsoleProgress(process);
  const worker = workerOf(env);
  progress.print(`Target ${target.kind}, API ${target.apiBaseUrl}\nWorker ${worker} at ${target.url}`);
  const signal = listenForInterrupts({
    onFirst(error) {
      const cause = error === null ? "Interrupted" : `Unexpected error (${error.message})`;
      progress.note(`${cause}: what has not begun is left alone, what has begun is carried through.`);
    },
    onSecond: () => {
      progress.print(`Ended at once. Look what is live: npx wrangler deployments list --env ${env}`);
      return EXIT_CODES.unverified;
    },
    takesErrors: true,
  });
  const today = () => new Date();
  const wrangler = { ...target, env, cwd: ROOT, environment: process.env };
  const subject = { target: target.kind, env, worker, url: target.url };
  const report = await runRollback({
    to,
    forward: createWranglerControlPlane({ ...wrangler, signal }),
    recovery: createWranglerControlPlane(wrangler),
    confirm: (text, stop) => confirmRollback(progress, text, env === "production" && !isConfirmed, stop),
    waitForVersion: (wait) => waitForVersion({ ...wait, url: target.url, scriptName: worker }),
    clock: systemClock,
    today,
    journal: createJournal({ subject, clock: systemClock, today, progress }),
    signal,
    note: (text) => progress.note(text),
  });
  progress.close();
  progress.print(describeRollbackEnding(report));
  saveReport(reportFile, report, (text) => progress.print(text));
  return report.exitCode;
}

async function confirmRollback(
  progress: ConsoleProgress,
  text: string,
  mustAsk: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  progress.note(text);
  if (!mustAsk) return true;
  progress.close();
  return await askYesOrNo("Roll production back?", { input: process.stdin, output: process.stdout }, signal);
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee npm run rollback -- --help`);
    process.exitCode = USAGE_EXIT_CODE;
  }
}
