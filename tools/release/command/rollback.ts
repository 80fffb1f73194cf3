// `npm run rollback`: gives all traffic back to an earlier version. See rollback-options.ts for the help text.
import { ROOT } from "../../process/run-script.ts";
import { openRecovery } from "../cloudflare/recovery.ts";
import { describeRollbackEnding } from "../rollback/ending.ts";
import { runRollback } from "../rollback/manual-rollback.ts";
import { waitForVersion } from "../traffic/propagation.ts";
import { HELP, parseRollbackOptions, type RollbackOptions } from "./rollback-options.ts";
import { type PreparedCommand, runCommand } from "./run-command.ts";

function prepare({ env, to }: RollbackOptions): PreparedCommand {
  return {
    question: "Roll production back?",
    onInterrupt: "what has not begun is left alone, what has begun is carried through.",
    async run({ target, subject, journal, progress, clock, today, signal, confirm }) {
      const { url, worker: scriptName } = subject;
      const note = (text: string): void => progress.note(text);
      const options = { ...target, env, scriptName, cwd: ROOT, environment: process.env, note };
      return await runRollback({
        to,
        journal,
        clock,
        today,
        signal,
        confirm,
        forward: openRecovery({ ...options, signal }),
        recovery: openRecovery(options),
        waitForVersion: (wait) => waitForVersion({ ...wait, url, scriptName }),
        note,
      });
    },
    endAtOnce: () => ({
      outcome: "unverified",
      lines: [`Ended at once. Look what is live: npx wrangler deployments list --env ${env}`],
    }),
    describeEnding: describeRollbackEnding,
  };
}

if (import.meta.main) await runCommand({ name: "rollback", help: HELP, parse: parseRollbackOptions, prepare });
