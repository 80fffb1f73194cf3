// `npm run smoke`: examines a running deployment. See options.ts for the help text.
import { listenForInterrupts } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import { HELP, parseSmokeOptions } from "./options.ts";
import { createConsoleReport, formatSummary } from "./report.ts";
import { runSmoke, type SmokeResult } from "./run.ts";

const EXIT_CODES: Readonly<Record<SmokeResult["outcome"], number>> = {
  passed: 0,
  failed: 1,
  "credentials-missing": 2,
  unreachable: 3,
  interrupted: 130,
};
const USAGE_EXIT_CODE = 2;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nSee npm run smoke -- --help`);
  process.exitCode = USAGE_EXIT_CODE;
}

async function main(): Promise<number> {
  const options = parseSmokeOptions(process.argv.slice(2), process.env);
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const hasColor = process.stdout.isTTY && !process.env["NO_COLOR"];
  const report = createConsoleReport({ write: console.log, hasColor });
  const result = await runSmoke(options, report, listenForInterrupts({ onSecond: () => EXIT_CODES.interrupted }));
  const wasChecked = result.passed + result.failed > 0;
  console.log(
    `${result.outcome === "interrupted" ? "Interrupted. " : ""}${wasChecked ? formatSummary(result) : "Nothing was checked."}`,
  );
  return EXIT_CODES[result.outcome];
}
