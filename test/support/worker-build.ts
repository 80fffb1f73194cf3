import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { buildWorker } from "../../tools/dev/worker/build.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CACHE = path.join(ROOT, "node_modules/.cache/worker-builds");

/** All that a build depends on. */
const SOURCES = [
  "{src,tools/assets,tools/dev/worker}/**/*.*",
  "{LICENSE,wrangler.toml,package-lock.json,tsconfig*.json,docs/openapi.json,migrations/meta/_journal.json}",
];

/** Builds of other sources are kept so long, for a test run that started before the sources changed. */
const KEEP_MS = 60 * 60 * 1000;

/** The built Worker of an environment of `wrangler.toml`: from a run or a test file before, as long as it is the same. */
export async function buildOnce(env?: string): Promise<string> {
  const folder = path.join(CACHE, `${env ?? "development"}-${hashSources()}`);
  if (!existsSync(folder)) {
    removeOldBuilds();
    const draft = path.join(CACHE, `draft-${randomUUID()}`);
    await buildWorker({ root: ROOT, env, outDir: draft });
    keepFirst(draft, folder);
  }
  return folder;
}

/** Another test file may have built the same meanwhile, and may be serving it. */
function keepFirst(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function hashSources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const absolute = path.join(ROOT, file);
    if (statSync(absolute).isFile()) hash.update(`${file}\0`).update(readFileSync(absolute)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOldBuilds(): void {
  mkdirSync(CACHE, { recursive: true });
  for (const name of readdirSync(CACHE)) {
    const folder = path.join(CACHE, name);
    const ageMs = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > KEEP_MS) rmSync(folder, { recursive: true, force: true });
  }
}
