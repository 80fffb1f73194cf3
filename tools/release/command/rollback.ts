// `npm run rollback`: gives all traffic back to an earlier version. See rollback-options.ts for the help text.
import { ROOT } from "../../process/run-script.ts";
import { openRecovery } from "../cloudflare/recovery.ts";
import { type Companion, describeCompanionWayOut, folderOf, workerNameOf } from "../companions/companion.ts";
import { findCompanion } from "../companions/index.ts";
import { describeWayOut, type WayOut } from "../report/ending.ts";
import { describeRollbackEnding } from "../rollback/ending.ts";
import { runRollback } from "../rollback/manual-rollback.ts";
import { waitForVersion } from "../traffic/propagation.ts";
import { HELP, parseRollbackOptions, type RollbackOptions } from "./rollback-options.ts";
import { type PreparedCommand, runCommand } from "./run-command.ts";

/** @param companion Worker beside the API; null for the API */
function prepare({ env, to }: RollbackOptions, companion: Companion | null): PreparedCommand {
  const describeWayOut = wayOutOf(companion);
  return {
    question: `Roll ${companion === null ? "production" : `${companion.name} in production`} back?`,
    onInterrupt: "what has not begun is left alone, what has begun is carried through.",
    async run({ target, subject, journal, progress, clock, today, signal, confirm }) {
      const { url, worker: scriptName } = subject;
      const note = (text: string): void => progress.note(text);
      const cwd = companion === null ? ROOT : folderOf(companion);
      const options = { ...target, env, scriptName, cwd, environment: process.env, note };
      return await runRollback({
        to,
        journal,
        clock,
        today,
        signal,
        confirm,
        forward: openRecovery({ ...options, signal }),
        recovery: openRecovery(options),
        waitForVersion: url === "" ? null : (wait) => waitForVersion({ ...wait, url, scriptName }),
        note,
      });
    },
    endAtOnce: () => {
      const [, list = ""] = describeWayOut({ env, previousId: null });
      return { outcome: "unverified", lines: [`Ended at once. Look what is live: ${list.trim()}`] };
    },
    describeEnding: (report) => describeRollbackEnding(report, describeWayOut),
  };
}

function wayOutOf(companion: Companion | null): WayOut {
  return companion === null ? describeWayOut : (report) => describeCompanionWayOut(companion, report);
}

if (import.meta.main) {
  const companion = findCompanion(process.argv.slice(2));
  await runCommand({
    name: "rollback",
    help: HELP,
    parse: parseRollbackOptions,
    prepare: (options) => prepare(options, companion),
    ...(companion === null
      ? {}
      : { subject: { urlVariable: companion.urlVariable, workerOf: (env) => workerNameOf(companion, env) } }),
  });
}
