import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binPath, runScript } from "../verify/run-bin.ts";
import {
  buildMetadata,
  busyMs,
  cpuProfile,
  GZIP_BUDGET_BYTES,
  judge,
  type Measurement,
  STARTUP_BUDGET_MS,
} from "./measure.ts";

const HELP = `Usage: node tools/bundle/budget.ts

Builds the production Worker as a deployment would, evaluates it once in the local runtime, and fails when it is over
its size or start-up budget, or holds translations that nobody reads.`;

const PRODUCTION = ["--env", "production"] as const;

/** A busy machine makes a start-up look slow but never fast: the best of a few is the honest one. */
const MAX_STARTUP_RUNS = 3;

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

async function wrangler(...args: string[]): Promise<void> {
  const { exitCode, output } = await runScript(binPath("wrangler"), [...args, ...PRODUCTION]);
  if (exitCode !== 0) throw new Error(`wrangler ${args[0]} failed:\n${output}`);
}

/** What a deployment uploads, without its source maps and wrangler's note about them. */
const readModules = (folder: string): Uint8Array[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map") && entry.name !== "README.md")
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));

async function measureStartup(bundle: string, profile: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < MAX_STARTUP_RUNS && best > STARTUP_BUDGET_MS; run += 1) {
    await wrangler("check", "startup", "--worker", bundle, "--outfile", profile);
    best = Math.min(best, busyMs(cpuProfile.parse(readJson(profile))));
  }
  return best;
}

async function measure(folder: string): Promise<Measurement> {
  const [modules, bundle, metadata] = [join(folder, "modules"), join(folder, "bundle"), join(folder, "metadata.json")];
  await wrangler("deploy", "--dry-run", "--minify", "--outdir", modules, "--outfile", bundle, "--metafile", metadata);
  return {
    modules: readModules(modules),
    metadata: buildMetadata.parse(readJson(metadata)),
    startupMs: await measureStartup(bundle, join(folder, "startup.cpuprofile")),
  };
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
