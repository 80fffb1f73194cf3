import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";

import { DRAFT_SUFFIX, writeAtomically } from "./atomic-file.ts";
import type { ScriptRecord } from "./records.ts";
import { decodeScript, encodeScript } from "./script-file.ts";

/** Scripts, kept in memory and on disk. What it gives out never changes; a change saves a new record. */
export interface Store {
  list(): readonly ScriptRecord[];
  find(name: string): ScriptRecord | null;
  /** Resolves when the record is safe on disk. */
  save(script: ScriptRecord): Promise<void>;
  remove(name: string): Promise<void>;
  /** Where the files of a version belong; they are no part of the state before a saved record names them. */
  versionFolder(scriptName: string, versionId: string): string;
}

/** In the state folder. */
export const SCRIPTS_FOLDER = "scripts";
const SCRIPT_FILE = "script.json";

/**
 * Reads the state of an earlier run and clears what a crash left behind.
 * @throws Error that names the file that cannot be read
 */
export function openStore(stateDir: string): Store {
  const root = path.join(stateDir, SCRIPTS_FOLDER);
  mkdirSync(root, { recursive: true });
  const folderOf = (name: string): string => path.join(root, name);
  const scripts = new Map(
    readdirSync(root)
      .flatMap((name) => readScript(folderOf(name)) ?? [])
      .map((script) => [script.name, script]),
  );
  return {
    list: () => [...scripts.values()],
    find: (name) => scripts.get(name) ?? null,
    async save(script) {
      const folder = folderOf(script.name);
      await mkdir(folder, { recursive: true });
      await writeAtomically(path.join(folder, SCRIPT_FILE), encodeScript(script, folder));
      scripts.set(script.name, script);
    },
    async remove(name) {
      scripts.delete(name);
      // A folder without a script file is cleared at the next start, should this be interrupted.
      await rename(path.join(folderOf(name), SCRIPT_FILE), path.join(folderOf(name), `${SCRIPT_FILE}${DRAFT_SUFFIX}`));
      await rm(folderOf(name), { recursive: true, force: true });
    },
    versionFolder: (scriptName, versionId) => path.join(folderOf(scriptName), "versions", versionId),
  };
}

function readScript(folder: string): ScriptRecord | null {
  const file = path.join(folder, SCRIPT_FILE);
  if (!existsSync(file)) {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  const script = decode(file, folder);
  rmSync(`${file}${DRAFT_SUFFIX}`, { force: true });
  removeUnknownVersions(path.join(folder, "versions"), script);
  return script;
}

function decode(file: string, folder: string): ScriptRecord {
  try {
    return decodeScript(readFileSync(file, "utf8"), folder);
  } catch (cause) {
    throw new Error(`${file} cannot be read. Start with an empty state: --fresh`, { cause });
  }
}

/** An upload that was interrupted leaves a folder that no version knows. */
function removeUnknownVersions(folder: string, { versions }: ScriptRecord): void {
  const known = new Set(versions.map(({ id }) => id));
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!known.has(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
