// `npm run test:prometheus`: the real Prometheus counts what clients do, and its alerts fire and resolve. See options.ts.
import { type CommandContext, runCommand } from "../command/run-command.ts";
import { formatSummary } from "../smoke/report.ts";
import { HELP, parsePrometheusOptions, type PrometheusOptions } from "./options.ts";
import { explainMissing, findPrograms } from "./programs/find-programs.ts";
import { testPrometheus } from "./run.ts";

/** A service that is needed is unavailable (EX_UNAVAILABLE of sysexits.h). */
const EXIT_UNAVAILABLE = 69;

async function run(options: PrometheusOptions, context: CommandContext): Promise<number> {
  const programs = findPrograms();
  if (!("prometheus" in programs)) {
    console.error(explainMissing(programs));
    return EXIT_UNAVAILABLE;
  }
  const { passed, failed } = await testPrometheus(options, programs, context);
  context.progress.end();
  // Before the last line, which counts, everything is stopped.
  await context.cleanup.run();
  console.log(formatSummary({ passed, failed, skipped: 0 }));
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  process.exitCode = await runCommand<PrometheusOptions>({
    name: "npm run test:prometheus",
    help: HELP,
    parse: parsePrometheusOptions,
    run,
  });
  process.exit();
}
