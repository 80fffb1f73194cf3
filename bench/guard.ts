// `npm run bench:guard`: a short measurement that fails when the API has become slow. See guard/options.ts for the help text.
import { type CommandContext, runCommand } from "../tools/command/run-command.ts";
import { judge, judgeTelemetry, type Verdict } from "./guard/judge.ts";
import { type GuardOptions, HELP, parseGuardOptions } from "./guard/options.ts";
import { plantBatches, plantSlowdown } from "./guard/plant.ts";
import { findLoadTool } from "./load/find-tool.ts";
import { type Matrix, runMatrix } from "./run/matrix.ts";
import { summarize } from "./run/summary.ts";
import { createVerify } from "./run/verify.ts";
import { findScenario } from "./scenarios/index.ts";
import type { BenchStack } from "./stack/stack.ts";
import { startStack } from "./stack/start-stack.ts";
import { apiVariant } from "./variants/api.ts";
import { floorVariant } from "./variants/floor.ts";
import { telemetryVariant } from "./variants/telemetry.ts";
import type { Variant } from "./variants/variant.ts";

const CONNECTIONS = 16;
const WARMUP_SECONDS = 1;

async function run(options: GuardOptions, context: CommandContext): Promise<number> {
  const stack = await startStack(context);
  const planted = { ...stack, api: { ...stack.api, script: await plant(options, stack, context) } };
  const variants = [apiVariant(planted), await floorVariant(stack), await telemetryVariant(planted)];
  let verdicts = await measure(options, variants, stack, context);
  if (verdicts.some(({ isPassed }) => !isPassed)) {
    // A machine that has other work for half a minute looks like slow code; slow code is slow both times.
    for (const { line } of verdicts) context.progress.line(line);
    context.progress.line("once more");
    verdicts = await measure(options, variants, stack, context);
  }
  context.progress.end();
  const failed = verdicts.filter(({ isPassed }) => !isPassed).length;
  console.log([...verdicts.map(({ line }) => line), `${verdicts.length - failed} passed, ${failed} failed`].join("\n"));
  return failed === 0 ? 0 : 1;
}

/** The API's bundle, with the fault that was asked for. */
async function plant({ isSlowed, hasBatches }: GuardOptions, stack: BenchStack, { progress }: CommandContext) {
  let { script } = stack.api;
  if (isSlowed) {
    script = await plantSlowdown(script, stack.folder);
    progress.line("every request of the API burns about 100 microseconds");
  }
  if (hasBatches) {
    script = await plantBatches(script, stack.folder);
    progress.line("every request of the API delivers a batch to telemetry");
  }
  return script;
}

async function measure(
  { rounds, seconds }: GuardOptions,
  variants: readonly Variant[],
  stack: BenchStack,
  { progress, signal }: CommandContext,
): Promise<Verdict[]> {
  const matrix: Matrix = {
    scenarios: [findScenario("get-by-id")],
    connections: [CONNECTIONS],
    variants,
    rounds,
    seconds,
    warmupSeconds: WARMUP_SECONDS,
  };
  const measured = await runMatrix(matrix, {
    database: stack.database,
    tool: findLoadTool(null, stack.folder),
    verify: createVerify(stack.database, stack.recording.answers),
    signal,
    onStep: progress.status,
  });
  const summaries = summarize(measured)["get-by-id"]?.[CONNECTIONS];
  return [
    judge(summaries?.["api"] ?? { ratio_to_floor: null, raw: [] }),
    judgeTelemetry(summaries?.["api-telemetry"] ?? { cpu_to_api: null, raw: [] }),
  ];
}

if (import.meta.main) {
  process.exitCode = await runCommand({ name: "npm run bench:guard", help: HELP, parse: parseGuardOptions, run });
  process.exit();
}
