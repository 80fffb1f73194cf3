import { type Command, runCommand } from "../tools/command/run-command.ts";
// `npm run bench`: measures the API beside references, in the same run. See command/help.ts.
import { runColdStartCommand } from "./cold-start/cold-start-command.ts";
import { HELP } from "./command/help.ts";
import { type BenchOptions, type Mode, parseBenchOptions } from "./command/options.ts";
import { runGrowthCommand } from "./growth/growth-command.ts";
import { runOverloadCommand } from "./overload/overload-command.ts";
import { runMatrixCommand } from "./run/matrix-command.ts";
import { runSoakCommand } from "./soak/soak-command.ts";

const MODES: Readonly<Record<Mode, Command<BenchOptions>["run"]>> = {
  matrix: runMatrixCommand,
  soak: runSoakCommand,
  growth: runGrowthCommand,
  "cold-start": runColdStartCommand,
  overload: runOverloadCommand,
};

if (import.meta.main) {
  process.exitCode = await runCommand<BenchOptions>({
    name: "npm run bench",
    help: HELP,
    parse: parseBenchOptions,
    run: (options, context) => MODES[options.mode](options, context),
  });
  process.exit();
}
