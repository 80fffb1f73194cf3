import { spawn } from "node:child_process";
import path from "node:path";

import { connectionEnvironment } from "./connection-environment.ts";
import type { Programs } from "./find-programs.ts";

/** Lines of a program's errors that are shown. */
const SHOWN_LINES = 8;
const KEPT_CHARACTERS = 64 * 1024;

export interface ProgramRun {
  readonly programs: Programs;
  readonly name: "pg_dump" | "pg_restore";
  readonly args: readonly string[];
  /** The database that it talks to. */
  readonly databaseUrl: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs one of PostgreSQL's programs to its end. The password goes through its environment.
 * @throws Error with its own last words; the signal's reason when that has ended it
 */
export async function runProgram({ programs, name, args, databaseUrl, signal }: ProgramRun): Promise<void> {
  signal.throwIfAborted();
  // A group of its own: Ctrl-C in the terminal reaches only us, and what that means for it is ours to say.
  const child = spawn(path.join(programs.folder, name), [...args, "--no-password"], {
    cwd: "/",
    env: { ...ownEnvironment(), ...connectionEnvironment(databaseUrl) },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end);
  process.once("exit", end);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-KEPT_CHARACTERS)));
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  child.once("error", reject);
  child.once("close", (code, endedBy) => resolve(code === 0 ? null : `exit code ${code ?? endedBy}`));
  try {
    const failure = await promise;
    signal.throwIfAborted();
    if (failure !== null) throw new Error(`${name} failed (${failure}): ${lastWords(errors) || "it gave no reason"}`);
  } finally {
    signal.removeEventListener("abort", end);
    process.off("exit", end);
  }
}

const lastWords = (errors: string): string => errors.trim().split("\n").slice(-SHOWN_LINES).join("\n");

/** Nothing that could lead libpq elsewhere or translate its words; the mark of `endWithUs` has to stay. */
function ownEnvironment(): Readonly<Record<string, string | undefined>> {
  const isKept = (name: string): boolean => /^(PATH|HOME|TMPDIR|ENDS_WITH_\w+)$/.test(name);
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => isKept(name))), LC_ALL: "C" };
}
