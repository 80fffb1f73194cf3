import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** A source that does not compile, or a configuration that wrangler refuses; the message is wrangler's. */
class BuildError extends Error {
  override readonly name = "BuildError";
}

/**
 * Runs the pinned wrangler: no account, no questions, nothing sent anywhere. Gives what it printed.
 * @throws BuildError
 */
export function runWrangler(root: string, args: readonly string[]): Promise<string> {
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
