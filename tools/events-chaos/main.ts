// `npm run test:events`: every receiver gets every event, in order, whatever fails. See options.ts for the help text.
import { type CommandContext, runCommand } from "../command/run-command.ts";
import { exitCodeOf } from "../rehearsal/report/outcome.ts";
import { type EventsChaosOptions, HELP, parseEventsChaosOptions } from "./options.ts";
import { checkEventsChaos, formatEventsChaos } from "./report.ts";
import { runEventsChaos } from "./run.ts";

async function run(options: EventsChaosOptions, context: CommandContext): Promise<number> {
  const result = await runEventsChaos(options, context);
  context.progress.end();
  const checks = checkEventsChaos(result);
  process.stdout.write(formatEventsChaos(result, checks));
  return exitCodeOf(checks);
}

if (import.meta.main) {
  process.exitCode = await runCommand<EventsChaosOptions>({
    name: "npm run test:events",
    help: HELP,
    parse: parseEventsChaosOptions,
    run,
  });
  process.exit();
}
