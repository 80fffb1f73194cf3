import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { runWrangler } from "./run-wrangler.ts";

export interface BuildOptions {
  readonly root: string;
  /** Environment of `wrangler.toml`; its top level when absent. */
  readonly env?: string | undefined;
  readonly outDir: string;
  /** False for a bundle whose names a person can read; as `wrangler.toml` says when absent. */
  readonly isMinified?: boolean;
}

/** What a build leaves in its folder: all that serving needs, so that a later build does not disturb a running Worker. */
export const BUNDLE = { script: "index.js", sourceMap: "index.js.map", options: "options.json", assets: "assets" };

/**
 * Builds the Worker as a release does, with the pinned wrangler: no account, no questions, nothing sent anywhere.
 * Gives the warnings.
 * @throws when wrangler refuses, with its message
 */
export async function buildWorker({ root, env = "", outDir, isMinified }: BuildOptions): Promise<string> {
  mkdirSync(outDir, { recursive: true });
  const config = path.join(root, "wrangler.toml");
  const args = ["deploy", "--dry-run", `--config=${config}`, `--env=${env}`, `--outdir=${outDir}`];
  if (isMinified !== undefined) args.push(`--minify=${isMinified}`);
  // Loading wrangler takes as long as half a build.
  const [warnings, { readWorkerOptions }] = await Promise.all([runWrangler(root, args), import("./options.ts")]);
  const { options, assetsDir } = readWorkerOptions(config, env);
  cpSync(assetsDir, path.join(outDir, BUNDLE.assets), { recursive: true });
  writeFileSync(path.join(outDir, BUNDLE.options), JSON.stringify(options));
  return warnings;
}
