import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Not ours, or generated; only looked at where git cannot say what is ignored. */
const GENERATED_FOLDERS: readonly string[] = ["node_modules", ".git", ".wrangler", ".data", "dist", "coverage"];

/** Every file that is committed or could be, by its path with slashes; what git ignores, like `.dev.vars`, is not. */
export function projectFiles(root: string): readonly string[] {
  const git = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = git.status === 0 ? git.stdout.split("\0").filter((path) => path !== "") : walk(root, root);
  return paths.filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile()).toSorted();
}

/** For a copy without its repository, which holds what was committed. */
function walk(root: string, folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [relative(root, path).replaceAll(sep, "/")];
    return GENERATED_FOLDERS.includes(entry.name) ? [] : walk(root, path);
  });
}
