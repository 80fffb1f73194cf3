import { listenForInterrupts } from "../../command/interrupts.ts";
import { UsageError } from "../../command/usage-error.ts";
import { workerOf } from "../cloudflare/worker-name.ts";
import { type Clock, systemClock } from "../measure/clock.ts";
import { createJournal, type Journal, type Subject } from "../report/journal.ts";
import { EXIT_CODES, type Outcome, USAGE_EXIT_CODE } from "../report/outcome.ts";
import { assertWritable, saveReport } from "../report/report-file.ts";
import type { ReleaseReport } from "../report/report.ts";
import { askYesOrNo } from "./confirm.ts";
import { type ConsoleProgress, openConsoleProgress } from "./console-progress.ts";
import { readTarget, type ReleaseTarget } from "./environment.ts";
import { assertConfirmable, type EnvironmentName } from "./usage.ts";

/** What the options of every command say. */
export interface CommonOptions {
  readonly env: EnvironmentName;
  /** Production may be changed without asking. */
  readonly isConfirmed: boolean;
  readonly isDryRun?: boolean;
  readonly reportFile: string | null;
}

/** A command line program that changes which version is live, and reports how it went. */
export interface Command<Options extends CommonOptions> {
  readonly name: "release" | "rollback";
  readonly help: string;
  /** Null asks for the help text. Throws UsageError. */
  readonly parse: (args: readonly string[]) => Options | null;
  /** Reads what it needs of the environment beyond the target, before anything begins. Throws UsageError. */
  readonly prepare: (options: Options) => PreparedCommand;
  /** What it changes; the API of RELEASE_URL when absent. */
  readonly subject?: CommandSubject;
}

interface CommandSubject {
  /** Variable with the origin of the deployed Worker; null when it has no address. */
  readonly urlVariable?: string | null;
  /** Name of the Worker in the account. */
  readonly workerOf: (env: EnvironmentName) => string;
}

export interface PreparedCommand {
  /** Asked before production is changed. */
  readonly question: string;
  /** What becomes of it after a first Ctrl-C; a sentence's end. */
  readonly onInterrupt: string;
  readonly run: (session: CommandSession) => Promise<ReleaseReport>;
  /** After a second Ctrl-C: how it ends, with the lines that say so. */
  readonly endAtOnce: () => { readonly outcome: Outcome; readonly lines: readonly string[] };
  /** The last lines. */
  readonly describeEnding: (report: ReleaseReport, wasInterrupted: boolean) => string;
}

/** What a command works with from the moment when its options and environment are known to be right. */
export interface CommandSession {
  readonly target: ReleaseTarget;
  readonly subject: Subject;
  readonly journal: Journal;
  readonly progress: ConsoleProgress;
  readonly clock: Clock;
  /** Time of day, for the report. */
  readonly today: () => Date;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Shows the text, and asks whether to go on where somebody has to agree. */
  readonly confirm: (text: string, signal: AbortSignal) => Promise<boolean>;
}

/** Runs a command with this process's arguments, and leaves its exit code. */
export async function runCommand<Options extends CommonOptions>(command: Command<Options>): Promise<void> {
  try {
    process.exitCode = await execute(command);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee npm run ${command.name} -- --help`);
    process.exitCode = USAGE_EXIT_CODE;
  }
}

async function execute<Options extends CommonOptions>({
  help,
  parse,
  prepare,
  subject = { workerOf },
}: Command<Options>): Promise<ReleaseReport["exitCode"]> {
  const options = parse(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(help);
    return 0;
  }
  const { env, isConfirmed, isDryRun = false, reportFile } = options;
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  assertConfirmable({ env, isConfirmed: isConfirmed || isDryRun, isInteractive });
  const prepared = prepare(options);
  const target = readTarget(process.env, subject.urlVariable);
  assertWritable(reportFile);
  const session = openSession(prepared, options, { target, worker: subject.workerOf(env) });
  const { progress, signal } = session;
  const report = await prepared.run(session);
  progress.close();
  progress.print(prepared.describeEnding(report, signal.aborted));
  saveReport(reportFile, report, (text) => progress.print(text));
  return report.exitCode;
}

function openSession(
  prepared: PreparedCommand,
  options: CommonOptions,
  { target, worker }: Pick<CommandSession, "target"> & Pick<Subject, "worker">,
): CommandSession {
  const { env, isConfirmed } = options;
  const progress = openConsoleProgress(process);
  progress.print(
    `Target ${target.kind}, API ${target.apiBaseUrl}\nWorker ${worker}${target.url === "" ? ", which has no address" : ` at ${target.url}`}`,
  );
  const subject = { target: target.kind, env, worker, url: target.url };
  const [clock, today] = [systemClock, () => new Date()];
  const journal = createJournal({ subject, clock, today, progress });
  const signal = listenForInterrupts({
    onFirst(error) {
      const cause = error === null ? "Interrupted" : `Unexpected error (${error.message})`;
      progress.note(`${cause}: ${prepared.onInterrupt}`);
    },
    onSecond() {
      const { outcome, lines } = prepared.endAtOnce();
      progress.close();
      progress.print(lines.join("\n"));
      const report = journal.report(outcome, ["Ended at once by a second interruption."]);
      saveReport(options.reportFile, report, (text) => progress.print(text));
      return EXIT_CODES[outcome];
    },
    takesErrors: true,
  });
  const mustAsk = env === "production" && !isConfirmed;
  return {
    target,
    subject,
    journal,
    progress,
    clock,
    today,
    signal,
    async confirm(text, stop) {
      progress.note(text);
      if (!mustAsk) return true;
      progress.close();
      return await askYesOrNo(prepared.question, { input: process.stdin, output: process.stdout }, stop);
    },
  };
}
