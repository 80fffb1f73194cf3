import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readCheckFlag } from "../check-flag.ts";
import { binPath, ROOT, runScript } from "../process/run-script.ts";
import { type Checksums, checksumFolder, differences, formatChecksums, parseChecksums } from "./checksums.ts";

const HELP = `Usage: npm run bundle [-- --check]

Writes to dist/bundle what a release uploads: the Worker's modules and its static assets, with their SHA-256 sums.

Options:
  --check  build again for each environment and compare with dist/bundle/SHA256SUMS: the same commit gives the same bytes
  --help   show this text`;

/** Everything that is attested: the modules in `worker`, the assets in `assets`, their sums in `SHA256SUMS`. */
const BUNDLE = join(ROOT, "dist/bundle");
/** What esbuild says of the bundle: which sources are in it. */
export const METADATA = join(ROOT, "dist/bundle.meta.json");

const SUMS = "SHA256SUMS";

/** Runs a command of wrangler that builds; gives the sums of all that it would upload, which it leaves in `folder`. */
async function build(folder: string, ...command: string[]): Promise<Checksums> {
  const worker = join(folder, "worker");
  const { exitCode, output } = await runScript(binPath("wrangler"), [...command, "--dry-run", "--outdir", worker]);
  if (exitCode !== 0) throw new Error(`wrangler ${command.join(" ")} failed:\n${output}`);
  // Neither is part of the upload's code: a note of wrangler, and a map that names the folder it was built in.
  for (const name of ["README.md", "index.js.map"]) rmSync(join(worker, name), { force: true });
  cpSync(join(ROOT, "dist/assets"), join(folder, "assets"), { recursive: true });
  return checksumFolder(folder);
}

async function write(): Promise<void> {
  rmSync(BUNDLE, { recursive: true, force: true });
  // Of the commands that build, only this one writes esbuild's metadata; `--check` uses the one that releases use.
  const checksums = await build(BUNDLE, "deploy", "--env", "production", "--metafile", METADATA);
  writeFileSync(join(BUNDLE, SUMS), formatChecksums(checksums));
  console.log(formatChecksums(checksums).trimEnd());
}

async function check(): Promise<void> {
  const expected = parseChecksums(readFileSync(join(BUNDLE, SUMS), "utf8"));
  const scratch = mkdtempSync(join(tmpdir(), "bundle-check-"));
  try {
    for (const environment of ["staging", "production"]) {
      const actual = await build(join(scratch, environment), "versions", "upload", "--env", environment);
      const problems = differences(expected, actual);
      if (problems.length > 0) throw new Error(`The build for ${environment} is another one:\n${problems.join("\n")}`);
      console.log(`bundle  ${expected.size} files for ${environment} are what SHA256SUMS says`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const flags = readCheckFlag(HELP);
  try {
    if (flags?.check) await check();
    else if (flags) await write();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
