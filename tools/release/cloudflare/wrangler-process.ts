import { rmSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { runInGroup } from "../../process/run-in-group.ts";
import type { Environment } from "../command/environment.ts";
import { describeEnd, type WranglerEnding } from "./wrangler-answers.ts";

// The command line program is a wrapper around this file; without it there is one process less to stop.
const PACKAGE = path.dirname(fileURLToPath(import.meta.resolve("wrangler/package.json")));
const CLI = path.join(PACKAGE, "wrangler-dist", "cli.js");
const COMPILE_CACHE = path.join(PACKAGE, "..", ".cache", "wrangler-compile");

/** An upload builds first; on a busy machine that takes half a minute. */
const MAX_RUN_MS = 180_000;

export interface WranglerRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output, then standard error. */
  readonly output: string;
  /** What it reports for scripts, one object for each event. */
  readonly events: readonly unknown[];
}

export interface WranglerOptions {
  /** The folder with `wrangler.toml`. */
  readonly cwd: string;
  /** The process environment; of it wrangler gets what it needs. */
  readonly environment: Environment;
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
}

export interface WranglerEnd {
  /** A run that only reads ends with this process; any other is left to finish. */
  readonly isRead: boolean;
  /** Ends a run that only reads. */
  readonly signal?: AbortSignal | undefined;
  /** When it is ended as hung; 3 minutes when absent. */
  readonly maxRunMs?: number;
  /** What it reads, as secrets that must stand in no argument; nothing when absent. */
  readonly input?: string;
}

/** Runs the pinned wrangler: it cannot ask anything, and sends nothing anywhere but to the API. */
export async function runWrangler(
  args: readonly string[],
  options: WranglerOptions,
  end: WranglerEnd,
): Promise<WranglerRun> {
  const folder = await mkdtemp(path.join(tmpdir(), "wrangler-output-"));
  const read = async (name: string): Promise<string> => await readFile(path.join(folder, name), "utf8").catch(() => "");
  try {
    const ending = await runProcess(args, options, folder, end);
    const [stdout, stderr] = [stripVTControlCharacters(await read(OUT)), stripVTControlCharacters(await read(ERR))];
    const lines = (await read(EVENTS)).split("\n").filter((line) => line !== "");
    const note = describeEnd(ending, end.maxRunMs ?? MAX_RUN_MS);
    const events = lines.map((line): unknown => JSON.parse(line));
    return { exitCode: ending.exitCode, stdout, output: `${stdout}\n${stderr}${note}`, events };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [OUT, ERR, EVENTS] = ["stdout", "stderr", "events.ndjson"];

async function runProcess(
  args: readonly string[],
  options: WranglerOptions,
  folder: string,
  { isRead, signal, maxRunMs, input }: WranglerEnd,
): Promise<WranglerEnding> {
  // Files, not pipes: one that outlives us, to finish a deployment, would loop for ever over a pipe that nobody reads.
  const files = await Promise.all([open(path.join(folder, OUT), "w"), open(path.join(folder, ERR), "w")]);
  const [out, error] = files;
  const env = { ...wranglerEnvironment(options), WRANGLER_OUTPUT_FILE_PATH: path.join(folder, EVENTS) };
  // A group of its own: Ctrl-C in the terminal must not cut a deployment in half.
  const { ended, kill } = runInGroup(CLI, args, {
    cwd: options.cwd,
    env,
    output: [out.fd, error.fd],
    ...(input === undefined ? {} : { input }),
  });
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    kill();
  }, maxRunMs ?? MAX_RUN_MS);
  const clearAway = (): void => {
    kill();
    rmSync(folder, { recursive: true, force: true });
  };
  if (isRead) {
    process.once("exit", clearAway);
    signal?.addEventListener("abort", kill);
    if (signal?.aborted === true) kill();
  }
  try {
    const { exitCode, endedBy } = await ended;
    return { exitCode: exitCode ?? 1, endedBy, isOverdue };
  } finally {
    clearTimeout(timer);
    process.off("exit", clearAway);
    signal?.removeEventListener("abort", kill);
    await Promise.all(files.map((file) => file.close()));
  }
}

/** wrangler obeys many variables, runs the build command with all of them, and must not learn the release's own secrets. */
const WITHHELD =
  /^(CLOUDFLARE_|CF_|WRANGLER_|RELEASE_|NEON_|PREVIEW_|G(ITHUB|H)_TOKEN$|NODE_OPTIONS$|FORCE_COLOR$|(MIGRATION_)?DATABASE_URL$|API_KEYS?$)/i;

export function wranglerEnvironment(options: Omit<WranglerOptions, "cwd">): Record<string, string | undefined> {
  const inherited = Object.entries(options.environment).filter(([name]) => !WITHHELD.test(name));
  return {
    // Compiling its 20 MB of JavaScript takes a third of the time of most calls.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...Object.fromEntries(inherited),
    // Always set, so that no .env file can point it elsewhere.
    CLOUDFLARE_API_BASE_URL: options.apiBaseUrl,
    CLOUDFLARE_API_TOKEN: options.apiToken,
    CLOUDFLARE_ACCOUNT_ID: options.accountId,
    CI: "1",
    NO_COLOR: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  };
}
