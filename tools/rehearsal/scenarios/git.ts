import { git as runGit } from "../../process/git.ts";

/** A copy's history is nobody's but the rehearsal's: no settings, hooks or signatures of the user's take part in it. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Rehearsal",
  GIT_AUTHOR_EMAIL: "rehearsal@localhost",
  GIT_COMMITTER_NAME: "Rehearsal",
  GIT_COMMITTER_EMAIL: "rehearsal@localhost",
};

/** Runs git in a folder and gives its output. Rejects with git's own words. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  return await runGit(folder, args, ENVIRONMENT);
}
