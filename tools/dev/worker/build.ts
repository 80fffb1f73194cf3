import { spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

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

/** A source that does not compile, or a configuration that wrangler refuses; the message is wrangler's. */
class BuildError extends Error {
  override readonly name = "BuildError";
}

/**
 * Builds the Worker as a release does, with the pinned wrangler: no account, no questions, nothing sent anywhere.
 * Gives the warnings.
 * @throws BuildError
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

function runWrangler(root: string, args: readonly string[]): Promise<string> {
  // The command line program is a wrapper around this file; without it there is one process less to stop.
  const cli = path.join(
    path.dirname(fileURLToPath(import.meta.resolve("wrangler/package.json"))),
    "wrangler-dist",
    "cli.js",
  );
  const child = spawn(process.execPath, ["--no-warnings", cli, ...args], {
    cwd: root,
    env: wranglerEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const text = stripVTControlCharacters(output).trim();
      if (code === 0) resolve(text);
      else reject(new BuildError(text));
    });
  });
}

function wranglerEnvironment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _inspector, FORCE_COLOR: _color, ...env } = process.env;
  return {
    ...env,
    NO_COLOR: "1",
    WRANGLER_LOG: "warn",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  };
}
