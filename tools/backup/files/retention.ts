import { rmSync } from "node:fs";

import { filesOf, listBackups } from "./backup-files.ts";

/** Removes all but the newest backups of that name; gives the dumps removed. The checksums go first: without them it is none. */
export function removeOldBackups(folder: string, name: string, keep: number): readonly string[] {
  const old = listBackups(folder, name).slice(keep);
  for (const dump of old) {
    const { checksums, manifest } = filesOf(dump);
    for (const file of [checksums, manifest, dump]) rmSync(file, { force: true });
  }
  return old;
}
