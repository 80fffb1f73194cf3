import { execFile } from "node:child_process";
import { findPackageJSON } from "node:module";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

export const ROOT = path.resolve(import.meta.dirname, "../..");
export const CLIENT = path.join(ROOT, "client");

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** A command of a package that the client's workspace depends on, wherever npm put it. */
export type WorkspaceCommand = readonly [packageName: string, script: string];

/** The client's own compiler: the newest one that openapi-typescript accepts. */
export const TSC: WorkspaceCommand = ["typescript", "bin/tsc"];
export const OPENAPI_TYPESCRIPT: WorkspaceCommand = ["openapi-typescript", "bin/cli.js"];

/** Runs a command of the workspace on this Node, in `client/`; rejects with its output when it fails. */
export async function runInWorkspace([packageName, script]: WorkspaceCommand, args: readonly string[]) {
  const manifest = findPackageJSON(packageName, pathToFileURL(path.join(CLIENT, "package.json")));
  if (manifest === undefined) throw new Error(`${packageName} is not installed: run npm install`);
  const file = path.join(path.dirname(manifest), script);
  const options = { cwd: CLIENT, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], options).catch(explain);
  return stdout;
}

/** tsc writes what is wrong to its standard output. */
function explain(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  const { stdout = "" } = error as Error & { stdout?: string };
  throw new Error([stdout.trim(), error.message.trim()].filter(Boolean).join("\n"), { cause: error });
}
