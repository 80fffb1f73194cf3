// `npm run client:build`: compiles client/src into client/dist; `--check` then also runs the type tests against it.
import { rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { readCheckFlag } from "../check-flag.ts";
import { CLIENT, runInWorkspace, TSC } from "./workspace.ts";

const USAGE = `usage: npm run client:build -- [--check] [--help]

Compiles client/src into client/dist.
  --check  then compile the type tests in client/test-d, which use the package as its users do`;

/** Compiles the client into `client/dist`, from nothing; rejects with the compiler's findings. */
export async function buildClient(): Promise<void> {
  rmSync(path.join(CLIENT, "dist"), { recursive: true, force: true });
  await runInWorkspace(TSC, ["--project", "tsconfig.json"]);
}

/** Compiles the type tests; needs the built client. Rejects with the compiler's findings. */
export async function checkClientTypes(): Promise<void> {
  await runInWorkspace(TSC, ["--project", "test-d/tsconfig.json"]);
}

async function main(): Promise<void> {
  const flags = readCheckFlag(USAGE);
  if (flags === null) return;
  await buildClient();
  console.log("client/dist written");
  if (!flags.check) return;
  await checkClientTypes();
  console.log("the type tests compile");
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
