// `npm run assets:build`: fills dist/assets with what the Worker serves as static files. Wrangler runs it before each
// build and watches its sources, so it says nothing and leaves files alone that are already right.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { renderReference } from "./reference/render/page.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = fileURLToPath(new URL("./reference/page/", import.meta.url));

/** The folder of the page also holds what its types are checked with. */
const isServed = (file: string): boolean => file !== "tsconfig.json";

/** Source of every asset, by its path in the assets folder; what the Worker serves is listed in `src/http/docs.ts`. */
export const ASSETS: Readonly<Record<string, string>> = {
  "openapi.json": path.join(ROOT, "docs/openapi.json"),
  "docs/index.html": path.join(ROOT, "docs/openapi.json"),
  "docs/LICENSE.txt": path.join(ROOT, "LICENSE"),
  ...Object.fromEntries(
    readdirSync(PAGE)
      .filter(isServed)
      .map((file) => [`docs/${file}`, path.join(PAGE, file)]),
  ),
};

/** Assets that are made of their source; all others are copies of it. */
const RENDERED: Readonly<Record<string, (source: string) => string>> = { "docs/index.html": renderReference };

/** What an asset consists of. Throws when there is no such asset, or when its source cannot be shown as a page. */
export function contentOf(name: string): Buffer {
  const file = ASSETS[name];
  if (file === undefined) throw new Error(`There is no asset ${name}.`);
  const source = readFileSync(file);
  const render = RENDERED[name];
  return render === undefined ? source : Buffer.from(render(source.toString("utf8")));
}

/** Makes `folder` hold exactly the assets; gives the paths that it had to write or remove. */
export function buildAssets(folder: string): string[] {
  const changed: string[] = [];
  for (const name of Object.keys(ASSETS)) {
    const target = path.join(folder, name);
    const content = contentOf(name);
    if (readIfPresent(target)?.equals(content)) continue;
    replaceFile(target, content, folder);
    changed.push(name);
  }
  for (const name of listFiles(folder)) {
    if (Object.hasOwn(ASSETS, name)) continue;
    rmSync(path.join(folder, name), { force: true });
    changed.push(name);
  }
  return changed;
}

/** In one step, and from outside the folder: several builds may run at once while others read it. */
function replaceFile(target: string, content: Buffer, folder: string): void {
  const draft = `${path.resolve(folder)}.${process.pid}.tmp`;
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(draft, content);
  renameSync(draft, target);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
}

function readIfPresent(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

const USAGE = `usage: npm run assets:build [-- --help]

Fills dist/assets with what the Worker serves as static files: the OpenAPI document and the reference page.
wrangler runs it before each build; it prints nothing.`;

if (import.meta.main) {
  if (process.argv.includes("--help")) console.log(USAGE);
  else buildAssets(path.join(ROOT, "dist/assets"));
}
