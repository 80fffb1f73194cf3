// `npm run capacity`: what a number of requests per second needs and costs, on paper.
import { UsageError } from "../command/usage-error.ts";
import { readScalingPage, renderScalingPage, ScalingPageError, writeScalingPage } from "./documents/scaling-page.ts";
import { renderTables } from "./documents/tables.ts";
import { HELP } from "./help.ts";
import { type CapacityOptions, parseCapacityOptions } from "./options.ts";
import { formatReport, reportOn } from "./report.ts";

const OUT_OF_DATE = "docs/scaling.md has other tables than the model: npm run capacity -- --write-docs";

try {
  process.exitCode = run(parseCapacityOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nSee npm run capacity -- --help`);
    process.exitCode = 2;
  } else if (error instanceof ScalingPageError) {
    console.error(error.message);
    process.exitCode = 1;
  } else throw error;
}

function run(options: CapacityOptions): 0 | 1 {
  switch (options.action) {
    case "help":
      process.stdout.write(HELP);
      return 0;
    case "markdown":
      console.log(Object.values(renderTables()).join("\n\n"));
      return 0;
    case "write-docs":
      writeScalingPage(renderScalingPage(readScalingPage(), renderTables()));
      return 0;
    case "check":
      return check();
    case "report": {
      const report = reportOn(options.scenario, options.budget);
      process.stdout.write(options.isJson ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
      return 0;
    }
  }
}

function check(): 0 | 1 {
  const page = readScalingPage();
  const isCurrent = page === renderScalingPage(page, renderTables());
  console.log(isCurrent ? "docs/scaling.md has the model's tables" : OUT_OF_DATE);
  return isCurrent ? 0 : 1;
}
