// `npm run bench:guard`: a short measurement that fails when the API has become slow. See guard/options.ts for the help text.
import { type CommandContext, runCommand } from "../tools/command/run-command.ts";
import { judge } from "./guard/judge.ts";
import { type GuardOptions, HELP, parseGuardOptions } from "./guard/options.ts";
import { plantSlowdown } from "./guard/plant.ts";
import { findLoadTool } from "./load/find-tool.ts";
import { type Matrix, runMatrix } from "./run/matrix.ts";
import { summarize } from "./run/summary.ts";
import { createVerify } from "./run/verify.ts";
import { findScenario } from "./scenarios/index.ts";
import type { BenchStack } from "./stack/stack.ts";
import { startStack } from "./stack/start-stack.ts";
import { apiVariant } from "./variants/api.ts";
import { floorVariant } from "./variants/floor.ts";

const CONNECTIONS = 16;
const WARMUP_SECONDS = 1;

async function run(options: GuardOptions, context: CommandContext): Promise<number> {
  const stack = await startStack(context);
  let verdict = await measure(options, stack, context);
  if (!verdict.isPassed) {
    // A machine that has other work for half a minute looks like slow code; slow code is slow both times.
    context.progress.line(`${verdict.line}; once more`);
    verdict = await measure(options, stack, context);
  }
  context.progress.end();
  console.log(`${verdict.line}\n${verdict.isPassed ? "1 passed, 0 failed" : "0 passed, 1 failed"}`);
  return verdict.isPassed ? 0 : 1;
}

async function measure({ rounds, seconds, isSlowed }: GuardOptions, stack: BenchStack, context: CommandContext) {
  const { progress, signal } = context;
  const script = isSlowed ? await plantSlowdown(stack.api.script, stack.folder) : stack.api.script;
  if (isSlowed) progress.line("every request of the API burns about 100 microseconds");
  const matrix: Matrix = {
    scenarios: [findScenario("get-by-id")],
    connections: [CONNECTIONS],
    variants: [apiVariant({ ...stack, api: { ...stack.api, script } }), await floorVariant(stack)],
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
  const summary = summarize(measured)["get-by-id"]?.[CONNECTIONS]?.["api"];
  return judge(summary ?? { ratio_to_floor: null, raw: [] });
}

if (import.meta.main) {
  process.exitCode = await runCommand({ name: "npm run bench:guard", help: HELP, parse: parseGuardOptions, run });
  process.exit();
}
