import type { CommandContext } from "../../tools/command/run-command.ts";
import type { BenchOptions } from "../command/options.ts";
import { findLoadTool } from "../load/find-tool.ts";
import { assertAnswers, type LoadTool } from "../load/load.ts";
import { ask } from "../recording/answers.ts";
import { describeMachine } from "../report/machine.ts";
import { writeReport } from "../report/write.ts";
import { orderOf } from "../run/matrix.ts";
import { createNonces } from "../run/nonces.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startStack } from "../stack/start-stack.ts";
import type { Axis, GrowthLoad, PreparedSize } from "./axis.ts";
import { bodyAxis } from "./body-axis.ts";
import { connectionsAxis } from "./connections-axis.ts";
import { type GrowthMeasured, toCurves } from "./curve.ts";
import { keysAxis } from "./keys-axis.ts";
import { toGrowthReport, toGrowthTables } from "./report.ts";
import { tableAxis } from "./table-axis.ts";

/** Measures what a request costs as the things around it grow. */
export async function runGrowthCommand(options: BenchOptions, context: CommandContext): Promise<number> {
  const { progress } = context;
  const stack = await startStack(context);
  const tool = findLoadTool(options.loadTool, stack.folder);
  const measured: GrowthMeasured[] = [];
  const measure = createMeasure({ options, context, stack, tool });
  // The table last: the others need it as it usually is.
  const axes = [connectionsAxis, bodyAxis, keysAxis, tableAxis].map((create) => create(stack));
  for (const axis of axes) {
    progress.line(`${axis.xLabel}: ${axis.sizes.join(", ")}`);
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const size of orderOf(axis.sizes, round)) measured.push(...(await measure(axis, size, round)));
    }
  }
  progress.end();
  const curves = toCurves(measured);
  const { rounds, seconds } = options;
  const machine = describeMachine(stack.database.version, tool);
  const files = writeReport(toGrowthReport(machine, { rounds, seconds }, curves, axes), {
    ...options,
    scratchName: "growth",
  });
  console.log([...toGrowthTables(curves, axes), "", ...files].join("\n"));
  return 0;
}

interface MeasureParts {
  readonly options: BenchOptions;
  readonly context: CommandContext;
  readonly stack: BenchStack;
  readonly tool: LoadTool;
}

/** Measures every curve of an axis at one size, with a fresh process. */
function createMeasure({ options, context, stack, tool }: MeasureParts) {
  const { signal, progress } = context;
  const nextNonce = createNonces("g");

  const run = async (prepared: PreparedSize, load: GrowthLoad, seconds: number) => {
    if (load.scenario.isWriting) await stack.database.restore({ rows: load.rows });
    const result = await tool.run({ ...load, origin: prepared.origin, seconds, nonce: nextNonce() }, signal);
    prepared.assertAlive();
    assertAnswers("api", load, result);
    return result;
  };

  return async (axis: Axis, size: number, round: number): Promise<GrowthMeasured[]> => {
    signal.throwIfAborted();
    const measured: GrowthMeasured[] = [];
    const prepared = await axis.prepare(size);
    try {
      for (const load of prepared.loads) {
        signal.throwIfAborted();
        progress.status(`${axis.name} at ${size}, round ${round} of ${options.rounds}, ${load.curve}`);
        await assertAnswered(prepared.origin, load, nextNonce());
        if (options.warmupSeconds > 0) await run(prepared, load, options.warmupSeconds);
        const { rps, p50Ms } = await run(prepared, load, options.seconds);
        measured.push({ axis: axis.name, curve: load.curve, size, round, rps, p50Ms });
      }
    } finally {
      await prepared.stop();
    }
    return measured;
  };
}

/** A wrong status would otherwise only show as a class of them. */
async function assertAnswered(origin: string, { scenario, curve }: GrowthLoad, nonce: string): Promise<void> {
  for (const template of scenario.requests) {
    const { status, text } = await ask(origin, template, nonce);
    if (status !== template.status)
      throw new Error(`${curve}: ${template.status} was expected, not ${status}: ${text}`);
  }
}
