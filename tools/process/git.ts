import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MAX_GIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs git in a folder, with these variables besides our own, and gives its output.
 * @throws Error with git's own words, as when the folder is no repository
 */
export async function git(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  // Set when a hook runs us, and would lead git away from the folder.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...inherited } = process.env;
  const options = {
    cwd: folder,
    env: { ...inherited, ...variables },
    timeout: MAX_GIT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  };
  return (await promisify(execFile)("git", [...args], options)).stdout;
}
