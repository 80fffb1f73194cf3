import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BuildSource, buildToMeasure, measureStartupMs } from "./builds.ts";
import { GZIP_BUDGET_BYTES, judge, leastStartupMs, type Measurement, STARTUP_BUDGET_MS } from "./measure.ts";

const HELP = `Usage: node tools/bundle/budget.ts

Builds the production Worker as a deployment would, evaluates it once in the local runtime, and fails when it is over
its size or start-up budget, or holds translations that nobody reads.`;

const PRODUCTION: BuildSource = { config: "wrangler.toml", env: "production" };

const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

async function measure(folder: string): Promise<Measurement> {
  const build = await buildToMeasure(PRODUCTION, folder);
  return { ...build, startupMs: await leastStartupMs(() => measureStartupMs(PRODUCTION, build), STARTUP_BUDGET_MS) };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bundle-budget-"));
  try {
    const measurement = await measure(folder);
    const { rawBytes, gzipBytes, problems } = judge(measurement);
    const margin = kibibytes(GZIP_BUDGET_BYTES - gzipBytes);
    console.log(`bundle    ${kibibytes(rawBytes)} minified, ${kibibytes(gzipBytes)} with gzip, margin ${margin}`);
    console.log(`start-up  ${measurement.startupMs.toFixed(1)} ms busy, budget ${STARTUP_BUDGET_MS} ms`);
    if (problems.length > 0) throw new Error(problems.join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
