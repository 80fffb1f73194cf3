import { git } from "../../process/git.ts";

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
  const [commit = "", subject = ""] = (await git(cwd, ["log", "-1", "--format=%H%n%s"])).split("\n");
  const status = await git(cwd, ["status", "--porcelain=v1", "-z", "--untracked-files=normal"]);
  return { commit, subject, changes: status.split("\0").filter((entry) => entry !== "") };
}
