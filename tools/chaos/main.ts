// `npm run test:chaos`: what clients were told holds, whatever fails between the Worker and the database. See options.ts.
import { type CommandContext, runCommand } from "../command/run-command.ts";
import { exitCodeOf } from "../rehearsal/report/outcome.ts";
import { type ChaosOptions, HELP, parseChaosOptions } from "./options.ts";
import { checkChaos } from "./report/checks.ts";
import { formatChaos } from "./report/text.ts";
import { runChaos } from "./run.ts";

async function run(options: ChaosOptions, context: CommandContext): Promise<number> {
  const result = await runChaos(options, context);
  context.progress.end();
  const checks = checkChaos(result);
  process.stdout.write(formatChaos(result, checks));
  return exitCodeOf(checks);
}

if (import.meta.main) {
  process.exitCode = await runCommand<ChaosOptions>({
    name: "npm run test:chaos",
    help: HELP,
    parse: parseChaosOptions,
    run,
  });
  process.exit();
}
