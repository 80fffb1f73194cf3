import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Migration } from "./migration-files.ts";

/** A migration that some database outside of development has applied, as it was then. */
export interface ReleasedMigration {
  readonly name: string;
  /** Of the file, as `migration-files.ts` takes it. */
  readonly sha256: string;
}

const FILE = "released.json";

/** Reads the list of a folder of migrations, in the order in which they are applied. @throws Error when it is none */
export function readReleased(folder: string): readonly ReleasedMigration[] {
  const list: unknown = JSON.parse(readFileSync(join(folder, FILE), "utf8"));
  if (!Array.isArray(list) || !list.every(isReleasedMigration))
    throw new Error(`${FILE} is no list of { "name", "sha256" }; restore it from git`);
  return list;
}

/** Writes the list. What stands in it has to stay: callers only add. */
export function writeReleased(folder: string, released: readonly ReleasedMigration[]): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(released, null, 2)}\n`);
}

function isReleasedMigration(entry: unknown): entry is ReleasedMigration {
  if (typeof entry !== "object" || entry === null || !("name" in entry) || !("sha256" in entry)) return false;
  return typeof entry.name === "string" && typeof entry.sha256 === "string";
}

/** Those of a journal that are not in the list yet. */
export function findUnreleased<Known extends Pick<Migration, "name">>(
  migrations: readonly Known[],
  released: readonly ReleasedMigration[],
): readonly Known[] {
  return migrations.filter(({ name }) => !released.some((one) => one.name === name));
}
