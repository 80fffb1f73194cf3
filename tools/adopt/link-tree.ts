import { copyFileSync, linkSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** What tools write into node_modules while they run. */
const CACHES: ReadonlySet<string> = new Set([".cache", ".vite", ".vite-temp", ".mf"]);

/**
 * The same folder again: its files are links where the file system allows it, which takes a second instead of a minute, and whatever is added to one folder is not in the
 * other. Caches at its top are left out.
 */
export function linkTree(from: string, to: string): void {
  linkFolder(from, to, (name) => !CACHES.has(name));
}

function linkFolder(from: string, to: string, isWanted: (name: string) => boolean = () => true): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, target);
  }
}
