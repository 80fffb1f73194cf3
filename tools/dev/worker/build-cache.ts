import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

export interface CachedBuild {
  /** The project. */
  readonly root: string;
  /** Tells builds of the same sources apart. */
  readonly name: string;
  /** Patterns of all files that the build depends on, below the project. */
  readonly sources: readonly string[];
  /** Writes the build into a folder that is not there yet. */
  readonly build: (outDir: string) => Promise<unknown>;
}

/** Builds of other sources are kept so long, for a run that started before the sources changed. */
const KEEP_MS = 60 * 60 * 1_000;

/** Gives the folder of a build: of one that was made before, by whatever process, as long as the sources are the same. */
export async function buildOnce({ root, name, sources, build }: CachedBuild): Promise<string> {
  const cache = path.join(root, "node_modules/.cache/worker-builds");
  const folder = path.join(cache, `${name}-${hashFiles(root, sources)}`);
  if (!existsSync(folder)) {
    removeOldBuilds(cache);
    const draft = path.join(cache, `draft-${randomUUID()}`);
    await build(draft);
    keepFirst(draft, folder);
  }
  return folder;
}

/** Another process may have built the same meanwhile, and may be serving it. */
function keepFirst(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function hashFiles(root: string, sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of globSync(sources, { cwd: root }).toSorted()) {
    const absolute = path.join(root, file);
    if (statSync(absolute).isFile()) hash.update(`${file}\0`).update(readFileSync(absolute)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOldBuilds(cache: string): void {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    const ageMs = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > KEEP_MS) rmSync(folder, { recursive: true, force: true });
  }
}
