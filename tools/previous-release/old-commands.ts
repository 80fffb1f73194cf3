import path from "node:path";
import { stripVTControlCharacters } from "node:util";

import { runInGroup } from "../process/run-in-group.ts";

/** Commands of the previous release, as they are in its own files. */
export interface OldCommands {
  /** Brings the packages that its lock file asks for, if it has none yet; a minute or two. */
  install(): Promise<void>;
  migrate(postgresUrl: string): Promise<void>;
  seed(postgresUrl: string): Promise<void>;
  /** Its smoke test; rejects with what failed. */
  smoke(origin: string, apiKey: string): Promise<void>;
}

const SHOWN_LINES = 30;

/** @param folder where it is unpacked */
export function createOldCommands(folder: string, signal: AbortSignal): OldCommands {
  const run = async (
    script: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
    pick: (lines: readonly string[]) => readonly string[] = (lines) => lines,
  ): Promise<void> => {
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...variables };
    const { child, ended, kill } = runInGroup(path.join(folder, script), args, { cwd: folder, env });
    signal.addEventListener("abort", kill, { once: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += String(chunk)));
    const { exitCode } = await ended;
    signal.removeEventListener("abort", kill);
    signal.throwIfAborted();
    if (exitCode === 0) return;
    const lines = stripVTControlCharacters(output).trimEnd().split("\n");
    throw new Error([`its ${script} ended with ${exitCode}:`, ...pick(lines).slice(0, SHOWN_LINES)].join("\n"));
  };
  return {
    // Whatever it is asked to run, it installs first what it lacks.
    install: () => run("tools/run.mjs", ["tools/db/migrate.ts", "--help"]),
    migrate: (postgresUrl) => run("tools/db/migrate.ts", [], { MIGRATION_DATABASE_URL: postgresUrl }),
    seed: (postgresUrl) => run("tools/db/seed.ts", [], { MIGRATION_DATABASE_URL: postgresUrl }),
    smoke: (origin, apiKey) =>
      run("tools/smoke/main.ts", ["--url", origin], { SMOKE_API_KEY: apiKey }, (lines) =>
        lines.filter((line) => !/^(?:ok|skip) /.test(line)),
      ),
  };
}
