import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { binPath } from "../../process/run-script.ts";
import { runCommand } from "../scenarios/command.ts";

export interface Deployment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const CONTROL_WORKER = "rehearsal-control";
const CONTROL_SOURCE = `export default { fetch: () => new Response("ok") };\n`;
const COMPATIBILITY_DATE = "2026-08-15";
const LIVE_TIMEOUT_MS = 30_000;
const POLL_MS = 200;

/** Deploys what `--env production` is, as an operator would type it on the first day. */
export async function deployProject(
  folder: string,
  secrets: Readonly<Record<string, string>>,
  deployment: Deployment & { readonly secretsFile: string },
): Promise<void> {
  const { secretsFile } = deployment;
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  await runWrangler(folder, ["deploy", "--env", "production", "--secrets-file", secretsFile], deployment);
}

/** Deploys a Worker that does nothing, in a new folder; gives its name. */
export async function deployControl(folder: string, deployment: Deployment): Promise<string> {
  mkdirSync(folder);
  writeFileSync(join(folder, "control.js"), CONTROL_SOURCE);
  const config = { name: CONTROL_WORKER, main: "control.js", compatibility_date: COMPATIBILITY_DATE };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
  await runWrangler(folder, ["deploy"], deployment);
  return CONTROL_WORKER;
}

/** The first deployment, too, takes a while to take effect. */
export async function waitUntilLive(
  url: URL,
  isLive: (response: Response) => boolean,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (
    const deadline = Date.now() + LIVE_TIMEOUT_MS;
    Date.now() < deadline;
    await sleep(POLL_MS, undefined, { signal })
  ) {
    const response = await fetch(url, { signal, headers });
    await response.body?.cancel();
    if (response.status === 200 && isLive(response)) return;
  }
  throw new Error(`the first version does not answer at ${url.origin}`);
}

/** Runs the pinned wrangler. Rejects with what it said unless it succeeds. */
export async function runWrangler(cwd: string, args: readonly string[], { env, signal }: Deployment): Promise<void> {
  const output: string[] = [];
  const onLine = (line: string): void => void output.push(line);
  const exitCode = await runCommand({ script: binPath("wrangler"), args, cwd, env, onLine, signal });
  if (exitCode !== 0) throw new Error(`wrangler ${args[0]} ended with ${exitCode}:\n${output.join("\n")}`);
}
