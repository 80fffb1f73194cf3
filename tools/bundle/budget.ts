import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BuildSource, buildToMeasure, measureStartupMs } from "./builds.ts";
import {
  GZIP_BUDGET_BYTES,
  judge,
  leastStartupMs,
  type Measurement,
  RPC_GZIP_BUDGET_BYTES,
  STARTUP_BUDGET_MS,
} from "./measure.ts";

const HELP = `Usage: node tools/bundle/budget.ts

Builds the production Workers as a deployment would, evaluates each once in the local runtime, and fails when one is over
its size or start-up budget, or holds translations that nobody reads.`;

interface Budget extends BuildSource {
  readonly name: string;
  readonly gzipBytes: number;
}

const BUDGETS: readonly Budget[] = [
  { name: "API", config: "wrangler.toml", env: "production", gzipBytes: GZIP_BUDGET_BYTES },
  { name: "RPC", config: "rpc/wrangler.toml", env: "production", gzipBytes: RPC_GZIP_BUDGET_BYTES },
];

const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

async function measure(source: BuildSource, folder: string): Promise<Measurement> {
  const build = await buildToMeasure(source, folder);
  return { ...build, startupMs: await leastStartupMs(() => measureStartupMs(source, build), STARTUP_BUDGET_MS) };
}

/** Says how a Worker stands to its budgets; gives what is over them. */
async function check({ name, gzipBytes: budgetBytes, ...source }: Budget): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "bundle-budget-"));
  try {
    const measurement = await measure(source, folder);
    const { rawBytes, gzipBytes, problems } = judge(measurement, budgetBytes);
    const margin = kibibytes(budgetBytes - gzipBytes);
    const size = `${kibibytes(rawBytes)} minified, ${kibibytes(gzipBytes)} with gzip, margin ${margin}`;
    console.log(`${name}  bundle    ${size}`);
    console.log(`${name}  start-up  ${measurement.startupMs.toFixed(1)} ms busy, budget ${STARTUP_BUDGET_MS} ms`);
    return problems.map((problem) => `${name}: ${problem}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const problems: string[] = [];
  for (const budget of BUDGETS) problems.push(...(await check(budget)));
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

if (process.argv.includes("--help")) {
  console.log(HELP);
} else {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
