import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { COMPILE_CACHE } from "./compile-cache.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const WRANGLER = path.join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js");

/** Where an emulator is and how it lets one in. */
export interface EmulatorAccess {
  readonly apiUrl: string;
  readonly accountId: string;
  readonly apiToken: string;
}

export interface WranglerRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What wrangler wrote for scripts: one entry per session, upload, deployment. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** A Worker's project in a temporary folder, for the real wrangler CLI. */
export interface WranglerProject {
  readonly folder: string;
  /** Writes a file of the project; `file` is relative to its folder. */
  write(file: string, content: string): void;
  /** Runs `wrangler` to its end; `input` is what it reads, nothing when absent. */
  run(args: readonly string[], input?: string): Promise<WranglerRun>;
  /** Starts a `wrangler` that does not end by itself. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams;
  remove(): void;
}

/** Makes an empty project; nothing that runs in it can reach anything but the emulator. */
export function createWranglerProject(access: EmulatorAccess): WranglerProject {
  const folder = mkdtempSync(path.join(tmpdir(), "wrangler-project-"));
  let runs = 0;
  const start: WranglerProject["start"] = (args, env = {}) =>
    spawn(process.execPath, [WRANGLER, ...args], {
      cwd: folder,
      env: { ...wranglerEnvironment(access, folder), ...env },
    });
  return {
    folder,
    start,
    write(file, content) {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
    },
    async run(args, input = "") {
      runs += 1;
      const outputFile = path.join(folder, `.output-${runs}.ndjson`);
      const child = start(args, { WRANGLER_OUTPUT_FILE_PATH: outputFile });
      child.stdin.end(input);
      const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
      return { code, stdout, stderr, records: readRecords(outputFile) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** For wrangler against an emulator, and for nothing else: no metrics, no reports, no settings of this machine's user. */
function wranglerEnvironment({ apiUrl, accountId, apiToken }: EmulatorAccess, home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    // Wrangler is 20 MB of JavaScript.
    ...COMPILE_CACHE,
    CLOUDFLARE_API_BASE_URL: apiUrl,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    CLOUDFLARE_API_TOKEN: apiToken,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    CI: "1",
    NO_COLOR: "1",
  };
}

function readRecords(file: string): Readonly<Record<string, unknown>>[] {
  const lines = readText(file).split("\n");
  return lines.filter((line) => line !== "").map((line) => Object.fromEntries(Object.entries(JSON.parse(line))));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Runs it, and rejects with what it said unless it succeeds. */
export async function runSuccessfully(project: WranglerProject, args: readonly string[]): Promise<WranglerRun> {
  const run = await project.run(args);
  if (run.code !== 0)
    throw new Error(`wrangler ${args.join(" ")} ended with ${run.code}:\n${run.stdout}\n${run.stderr}`);
  return run;
}
