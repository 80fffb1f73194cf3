import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** A copy's history is nobody's but the rehearsal's: no settings, hooks or signatures of the user's take part in it. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Rehearsal",
  GIT_AUTHOR_EMAIL: "rehearsal@localhost",
  GIT_COMMITTER_NAME: "Rehearsal",
  GIT_COMMITTER_EMAIL: "rehearsal@localhost",
};

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs git in a folder and gives its output. Rejects with git's own words. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  // Set when a hook runs us, and would lead git away from the folder.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...inherited } = process.env;
  const { stdout } = await execute("git", [...args], {
    cwd: folder,
    env: { ...inherited, ...ENVIRONMENT },
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout;
}
