import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { binPath, ROOT, runScript } from "../process/run-script.ts";
import { BINDINGS_FILE, dropFirstComment, WORKER_TYPES } from "./wrangler-types.ts";

/** Writes the types of the bindings from the configuration, with the pinned wrangler; gives its exit code and what it said. */
export async function generateTypes(): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { exitCode, output } = await runScript(binPath("wrangler"), WORKER_TYPES);
  const file = path.join(ROOT, BINDINGS_FILE);
  if (exitCode === 0) writeFileSync(file, dropFirstComment(readFileSync(file, "utf8")));
  return { exitCode, output };
}
