import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { type Step, STEPS } from "./verify/steps.ts";

const HELP = `Usage: npm run verify [-- --only STEP | --except STEP]...

Runs the checks that need no database and no network, and fails when one of them does.

${STEPS.map(({ name, proves }) => `  ${name.padEnd(12)}${proves}`).join("\n")}

Options:
  --only STEP    run this step; may be repeated
  --except STEP  leave this one out; may be repeated
  --help         show this text`;

/** Names of steps, as they were asked for. */
interface Selection {
  readonly only: readonly string[];
  readonly except: readonly string[];
}

/** The steps asked for, in the order of the list; all of them when none is named. */
export function selectSteps({ only, except }: Selection, steps: readonly Step[] = STEPS): readonly Step[] {
  const unknown = [...only, ...except].find((wanted) => !steps.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw new Error(`no step is named ${unknown}; there are: ${steps.map(({ name }) => name).join(", ")}`);
  }
  return steps.filter(({ name }) => (only.length === 0 || only.includes(name)) && !except.includes(name));
}

async function runStep(step: Step, signal: AbortSignal): Promise<boolean> {
  const startedAt = performance.now();
  const { exitCode, output } = await step
    .run(signal)
    .catch((error: unknown) => ({ exitCode: 1, output: String(error) }));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? "ok    " : "FAILED"} ${step.name.padEnd(12)}${seconds.padStart(6)} s`);
  if (exitCode !== 0) console.log(`${output.trimEnd()}\n`);
  return exitCode === 0;
}

/** Runs those that take a time alone, then the others beside each other; answers how many passed. */
async function runSteps(steps: readonly Step[], signal: AbortSignal): Promise<number> {
  const [timed, others] = [steps.filter(({ isTimed }) => isTimed), steps.filter(({ isTimed }) => !isTimed)];
  return (await runBeside(timed, 1, signal)) + (await runBeside(others, Math.max(2, availableParallelism()), signal));
}

async function runBeside(steps: readonly Step[], workers: number, signal: AbortSignal): Promise<number> {
  const waiting = [...steps];
  let passed = 0;
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step && !signal.aborted; step = waiting.shift()) {
      if (await runStep(step, signal)) passed += 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return passed;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      except: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const steps = selectSteps(values);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const startedAt = performance.now();
  const passed = await runSteps(steps, stop.signal);
  console.log(`verified in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  console.log(`${passed} passed, ${steps.length - passed} failed`);
  process.exitCode = passed === steps.length ? 0 : 1;
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
