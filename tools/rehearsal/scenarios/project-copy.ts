import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { git } from "./git.ts";

/** A copy of the project with a history of its own, in which faults can be built in and committed. */
export interface ProjectCopy {
  readonly folder: string;
  read(file: string): string;
  /** Creates or replaces a file. */
  write(file: string, text: string): void;
  /** Commits all changes; gives the full id. */
  commit(message: string): Promise<string>;
  /** Back to a commit, whatever happened since. */
  reset(commit: string): Promise<void>;
}

/** Never part of a release, and large; the first one is linked to. */
const LEFT_OUT = ["node_modules", ".git", "dist", "coverage", ".wrangler", ".data"];

/** Copies the files of a working tree as they are now, committed or not. @param folder must not exist yet */
export async function copyProject(root: string, folder: string): Promise<ProjectCopy> {
  for (const file of await listFiles(root)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { verbatimSymlinks: true });
  }
  await git(folder, "init", "--quiet", "--initial-branch=main");
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  // The project's own list names it as a folder, which a link is not.
  writeFileSync(join(folder, ".git", "info", "exclude"), "node_modules\n");
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), "utf8"),
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    async commit(message) {
      await git(folder, "add", "--all");
      await git(folder, "commit", "--quiet", "--allow-empty", `--message=${message}`);
      return (await git(folder, "rev-parse", "HEAD")).trim();
    },
    async reset(commit) {
      await git(folder, "reset", "--quiet", "--hard", commit);
      await git(folder, "clean", "--quiet", "--force", "-d");
    },
  };
}

/** What belongs to the project: git's answer, or all that is there when the tree is not under git. */
async function listFiles(root: string): Promise<string[]> {
  const files = existsSync(join(root, ".git")) ? await askGit(root) : walk(root, "");
  // Git still names what was deleted but not committed.
  return files.filter((file) => lstatSync(join(root, file), { throwIfNoEntry: false })?.isDirectory() === false);
}

async function askGit(root: string): Promise<string[]> {
  const output = await git(
    root,
    "-c",
    "safe.directory=*",
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
  );
  return [...new Set(output.split("\0").filter((file) => file !== ""))];
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.includes(entry.name) || /^\.(env|dev\.vars$)/.test(entry.name)) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(root, path) : [path];
  });
}
