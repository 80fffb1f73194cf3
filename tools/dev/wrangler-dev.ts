import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { CONFIG_VARIABLES } from "../../src/config.ts";
import { StartError } from "./options.ts";
import { killGroup, stopGroup } from "./process-group.ts";
import { createOutputFilter } from "./wrangler-output.ts";

export interface WranglerOptions {
  readonly root: string;
  readonly port: number;
  readonly envFile: string;
  /** Where wrangler keeps the state of local bindings. */
  readonly stateDir: string;
  /** Receives the Worker's log and wrangler's errors, line by line. */
  readonly onLine: (line: string) => void;
}

export interface WranglerProcess {
  /** Settles only when wrangler ends without being asked to. */
  readonly failure: Promise<StartError>;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts the pinned `wrangler dev`: local only, no questions, no telemetry, no other network access. */
export function startWrangler(options: WranglerOptions): WranglerProcess {
  const child = spawn(process.execPath, wranglerArguments(options), {
    cwd: options.root,
    env: wranglerEnvironment(options.stateDir),
    // A group of its own: Ctrl-C reaches only us, and stopping it stops workerd as well.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let isStopping = false;
  showOutput(child, (line) => {
    // While it stops, the parts of wrangler complain about each other.
    if (!isStopping) options.onLine(line);
  });
  return {
    failure: new Promise((resolve) => {
      const report = (how: string): void => {
        if (!isStopping) resolve(new StartError(`wrangler dev ${how}; its messages above say why.`));
      };
      child.once("error", (error) => report(`cannot be started (${error.message})`));
      child.once("exit", (code, signal) => report(`ended with ${signal ?? `code ${code}`}`));
    }),
    async stop() {
      isStopping = true;
      await stopGroup(child);
    },
    kill() {
      isStopping = true;
      killGroup(child);
    },
  };
}

function wranglerArguments({ root, port, envFile, stateDir }: WranglerOptions): string[] {
  const watch = new URL("./exit-with-parent.ts", import.meta.url).href;
  // The command line program is a wrapper around this file; without it there is one process less to stop.
  const cli = path.join(
    path.dirname(fileURLToPath(import.meta.resolve("wrangler/package.json"))),
    "wrangler-dist",
    "cli.js",
  );
  const values = {
    config: path.join(root, "wrangler.toml"),
    "env-file": envFile,
    "persist-to": stateDir,
    ip: "127.0.0.1",
    port: String(port),
    "inspector-ip": "127.0.0.1",
    "inspector-port": "0",
    "log-level": "log",
    "show-interactive-dev-session": "false",
  };
  const flags = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
  return ["--no-warnings", "--import", watch, cli, "dev", "--local", ...flags];
}

function wranglerEnvironment(stateDir: string): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
    WRANGLER_REGISTRY_PATH: path.join(stateDir, "registry"),
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    CLOUDFLARE_INCLUDE_PROCESS_ENV: "false",
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "true",
    NO_COLOR: "1",
  };
  // wrangler prefers a variable of its own environment to the same one in the file that it is given.
  for (const name of [...CONFIG_VARIABLES, "PG_URL", "CLOUDFLARE_ENV", "WRANGLER_LOG", "FORCE_COLOR", "NODE_OPTIONS"]) {
    delete env[name];
  }
  return env;
}

function showOutput(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    const filter = createOutputFilter();
    createInterface({ input: stream }).on("line", (rawLine) => {
      const line = filter(rawLine);
      if (line !== null) onLine(line);
    });
  }
}
