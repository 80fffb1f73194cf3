import { execFileSync, spawnSync } from "node:child_process";

/** The user that PostgreSQL's programs run as; empty when that is the user who runs the tests. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

// PostgreSQL refuses to run as root, and needs a user the system has a name for; every Unix has `nobody`.
const UNPRIVILEGED_USERS = ["postgres", "nobody"];

/** Finds whom to run as: an unprivileged user when the tests run as root. Throws when there is none. */
export function findRunAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  for (const user of UNPRIVILEGED_USERS) {
    try {
      return { uid: readId("-u", user), gid: readId("-g", user) };
    } catch {
      continue;
    }
  }
  throw new Error(`PostgreSQL cannot run as root, and none of these users exists: ${UNPRIVILEGED_USERS.join(", ")}`);
}

/** Whether a program can be run and a file be read as that user, whatever the modes of the folders above them. */
export function isReachable(runAs: RunAs, program: string, file: string): boolean {
  if (runAs.uid === undefined) return true;
  // Started in "/": the current folder may be one that the user cannot enter.
  const options = { ...runAs, cwd: "/", stdio: "ignore" } as const;
  return (
    spawnSync(program, ["--version"], options).status === 0 && spawnSync("test", ["-r", file], options).status === 0
  );
}

function readId(flag: string, user: string): number {
  return Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}
