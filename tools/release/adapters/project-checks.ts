import path from "node:path";
import { stripVTControlCharacters } from "node:util";

import { runInGroup } from "../../process/run-in-group.ts";
import { binPath, ROOT, runScript } from "../../process/run-script.ts";

const SHOWN_LINES = 40;

/** Runs `npm run verify`; the end of what it prints when it fails, null when all is well. */
export async function findCheckFailure(signal: AbortSignal): Promise<string | null> {
  // In a group of its own, because it starts many programs and all of them have to end with it.
  const env = { ...process.env, CI: "true", NO_COLOR: "1" };
  const { child, ended, kill } = runInGroup(path.join(ROOT, "tools", "verify.ts"), [], { cwd: ROOT, env });
  signal.addEventListener("abort", kill);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const { exitCode } = await ended;
  signal.removeEventListener("abort", kill);
  return exitCode === 0 ? null : lastLines(stripVTControlCharacters(Buffer.concat(chunks).toString()));
}

/** What squawk finds in migrations, with the settings of this project. */
export async function lintMigrations(files: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const { exitCode, output } = await runScript(binPath("squawk-cli", "squawk"), files, signal);
  return exitCode === 0 ? [] : [`The linter refuses the migrations (squawk):\n${lastLines(output)}`];
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}
