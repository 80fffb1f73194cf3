import { spawn } from "node:child_process";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";

import { killGroup } from "../../process/group.ts";
import { binPath, ROOT, runScript } from "../../verify/run-bin.ts";

const SHOWN_LINES = 40;

/** Runs `npm run verify`; the end of what it prints when it fails, null when all is well. */
export async function findCheckFailure(signal: AbortSignal): Promise<string | null> {
  // In a group of its own, because it starts many programs and all of them have to end with it.
  const child = spawn(process.execPath, [path.join(ROOT, "tools", "verify.ts")], {
    cwd: ROOT,
    env: { ...process.env, CI: "true", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    windowsHide: true,
  });
  const stop = (): void => killGroup(child);
  signal.addEventListener("abort", stop);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  signal.removeEventListener("abort", stop);
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
