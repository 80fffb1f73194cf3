import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MAX_GIT_MS = 30_000;

/** What is checked out. */
export interface CheckedOut {
  /** Full id. */
  readonly commit: string;
  /** First line of the commit's message. */
  readonly subject: string;
  /** Paths that differ from the commit or are not part of it. */
  readonly changes: readonly string[];
}

/** @throws Error with git's own message, as when the folder is no repository or has no commit */
export async function readCheckedOut(cwd: string): Promise<CheckedOut> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("git", args, { cwd, timeout: MAX_GIT_MS, maxBuffer: 2 ** 26 })).stdout;
  const [commit = "", subject = ""] = (await git("log", "-1", "--format=%H%n%s")).split("\n");
  const status = await git("status", "--porcelain=v1", "-z", "--untracked-files=normal");
  return { commit, subject, changes: status.split("\0").filter((entry) => entry !== "") };
}
