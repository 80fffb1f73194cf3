import type { CommandContext } from "../../tools/command/run-command.ts";
import type { BenchOptions } from "../command/options.ts";
import { findLoadTool } from "../load/find-tool.ts";
import { describeMachine } from "../report/machine.ts";
import { toMatrixReport, toMatrixTable } from "../report/matrix-report.ts";
import { duration } from "../report/text.ts";
import { writeReport } from "../report/write.ts";
import { startStack } from "../stack/start-stack.ts";
import { prepareVariants } from "../variants/index.ts";
import { targetVariant } from "../variants/target.ts";
import { estimateSeconds } from "./estimate.ts";
import { runMatrix } from "./matrix.ts";
import { summarize } from "./summary.ts";
import { createVerify } from "./verify.ts";

/** Measures scenarios, connections and variants against each other. */
export async function runMatrixCommand(options: BenchOptions, context: CommandContext): Promise<number> {
  const { progress, signal } = context;
  const stack = await startStack(context);
  const tool = findLoadTool(options.loadTool, stack.folder);
  const own = await prepareVariants(options.variants, stack, options.hasChosenVariants);
  const variants = [...own, ...options.targets.map(({ name, origin }) => targetVariant(name, origin))];
  const matrix = { ...options, variants };
  progress.line(`measuring with ${tool.name} ${tool.version}, for about ${duration(estimateSeconds(matrix))}`);
  const measured = await runMatrix(matrix, {
    database: stack.database,
    tool,
    verify: createVerify(stack.database, stack.recording.answers),
    signal,
    onStep: progress.status,
  });
  progress.end();
  const settings = { rounds: options.rounds, seconds: options.seconds, warmup_seconds: options.warmupSeconds };
  const results = summarize(measured);
  const report = toMatrixReport(describeMachine(stack.database.version, tool), settings, results);
  const files = writeReport(report, { ...options, scratchName: "bench" });
  console.log(["", ...toMatrixTable(results), "", ...files].join("\n"));
  return 0;
}
