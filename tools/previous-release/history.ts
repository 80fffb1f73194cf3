import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

import { git as runGit } from "../process/git.ts";

/** What served before what is checked out. */
export interface PreviousRelease {
  /** Full id. */
  readonly commit: string;
  /** How it was found, for people. */
  readonly label: string;
}

/** There is nothing to compare with; the message says how to get it. */
export class NoHistoryError extends Error {
  override readonly name = "NoHistoryError";
}

/** Whoever owns the folder: in a container it is often somebody else. */
const git = (root: string, args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<string> =>
  runGit(root, ["-c", "safe.directory=*", ...args], variables);

const tryGit = async (root: string, ...args: readonly string[]): Promise<string | null> =>
  (await git(root, args).catch(() => "")).trim() || null;

const findCommit = (root: string, name: string): Promise<string | null> =>
  tryGit(root, "rev-parse", "--verify", "--quiet", `${name}^{commit}`);

/**
 * Finds the last tag before what is checked out, or the commit before the first of these migrations that has one.
 * @param migrations names of those that are new since the last release, in order; the newest one if none is
 * @throws NoHistoryError
 */
export async function findPreviousRelease(root: string, migrations: readonly string[]): Promise<PreviousRelease> {
  if ((await findCommit(root, "HEAD")) === null)
    throw new NoHistoryError("this is no git repository, or it has no commit: check the project out with git");
  const found = (await findTag(root)) ?? (await findBefore(root, migrations));
  if (found !== null) return found;
  const isShallow = (await tryGit(root, "rev-parse", "--is-shallow-repository")) === "true";
  throw new NoHistoryError(
    isShallow
      ? "this clone holds a part of the history only: git fetch --unshallow --tags (in GitHub Actions: fetch-depth: 0)"
      : `nothing was committed before ${migrations.join(", ")}, and there is no tag like v1.2.3: name a commit with --commit`,
  );
}

/** @throws NoHistoryError when there is no such commit */
export async function findNamed(root: string, name: string): Promise<PreviousRelease> {
  const commit = await findCommit(root, name);
  if (commit === null) throw new NoHistoryError(`git knows no commit named ${name} here`);
  return { commit, label: name };
}

/** A release that is checked out as it was tagged is not its own predecessor. */
async function findTag(root: string): Promise<PreviousRelease | null> {
  const isChanged = (await git(root, ["status", "--porcelain", "--untracked-files=normal"])) !== "";
  const from = isChanged ? "HEAD" : "HEAD^";
  const tag = await tryGit(root, "describe", "--tags", "--abbrev=0", "--match=v[0-9]*", from);
  const commit = tag === null ? null : await findCommit(root, tag);
  return tag === null || commit === null ? null : { commit, label: `tag ${tag}` };
}

async function findBefore(root: string, migrations: readonly string[]): Promise<PreviousRelease | null> {
  for (const name of migrations) {
    const file = `migrations/${name}.sql`;
    const added = await tryGit(root, "log", "--diff-filter=A", "--max-count=1", "--format=%H", "--", file);
    const commit = await findCommit(root, added === null ? "HEAD" : `${added}^`);
    if (commit !== null) return { commit, label: `the commit before ${name}` };
  }
  return null;
}

/**
 * Writes the files of a commit into a folder, and leaves nothing in the repository. Where it asks for the packages of this
 * checkout it gets them; where it asks for others, it has none yet.
 */
export async function unpack(root: string, commit: string, folder: string): Promise<void> {
  const index = `${folder}.index`;
  mkdirSync(folder, { recursive: true });
  await git(root, ["read-tree", commit], { GIT_INDEX_FILE: index });
  await git(root, ["checkout-index", "--all", `--prefix=${folder}${path.sep}`], { GIT_INDEX_FILE: index });
  rmSync(index);
  if (asksForSamePackages(root, folder)) {
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  }
}

function asksForSamePackages(root: string, folder: string): boolean {
  const [ours, theirs] = [root, folder].map((place) => readFileSync(path.join(place, "package-lock.json"), "utf8"));
  return ours === theirs;
}
