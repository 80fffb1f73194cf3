import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { z } from "zod";

import { binPath, runScript } from "../process/run-script.ts";
import { buildMetadata, busyMs, cpuProfile } from "./measure.ts";

/** What is built. */
export interface BuildSource {
  /** As wrangler takes it. */
  readonly config: string;
  /** Environment in it; its top level when empty. */
  readonly env: string;
}

/** What a deployment would upload, in the forms in which it can be measured. */
export interface Build {
  readonly modules: readonly Uint8Array[];
  readonly metadata: z.infer<typeof buildMetadata>;
  /** File of the upload's body, for `measureStartupMs`. */
  readonly bundle: string;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

async function wrangler({ config, env }: BuildSource, ...args: string[]): Promise<void> {
  const { exitCode, output } = await runScript(binPath("wrangler"), [...args, `--config=${config}`, `--env=${env}`]);
  if (exitCode !== 0) throw new Error(`wrangler ${args[0]} failed:\n${output}`);
}

/** Without source maps and wrangler's note about them. */
const readModules = (folder: string): Uint8Array[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map") && entry.name !== "README.md")
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));

/** Builds a Worker as a deployment would, minified; nothing is sent anywhere. */
export async function buildToMeasure(source: BuildSource, folder: string): Promise<Build> {
  const [modules, bundle, metadata] = [join(folder, "modules"), join(folder, "bundle"), join(folder, "metadata.json")];
  const outputs = ["--outdir", modules, "--outfile", bundle, "--metafile", metadata];
  await wrangler(source, "deploy", "--dry-run", "--minify", ...outputs);
  return { modules: readModules(modules), metadata: buildMetadata.parse(readJson(metadata)), bundle };
}

/** Evaluates a build once in the local runtime; how long it was busy with that, in milliseconds. */
export async function measureStartupMs(source: BuildSource, { bundle }: Pick<Build, "bundle">): Promise<number> {
  const profile = `${bundle}.cpuprofile`;
  await wrangler(source, "check", "startup", "--worker", bundle, "--outfile", profile);
  return busyMs(cpuProfile.parse(readJson(profile)));
}
