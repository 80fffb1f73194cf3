import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { hashMigration, readJournal } from "./migration-files.ts";
import type { ReleasedMigration } from "./released-migrations.ts";

/** A folder of migrations as it is on disk. */
export interface MigrationFolder {
  /** Names in the journal, in the order in which they are applied. */
  readonly journal: readonly string[];
  /** Hashes of the SQL files that are there, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

export async function readMigrationFolder(folder: string): Promise<MigrationFolder> {
  const files = globSync("*.sql", { cwd: folder }).toSorted();
  return {
    journal: await readJournal(folder),
    files: new Map(
      files.map((file) => [basename(file, ".sql"), hashMigration(readFileSync(join(folder, file), "utf8"))]),
    ),
  };
}

const NEW_ONE = "put the change into a new migration: npm run db:generate -- --name what_it_does";

/**
 * What has become of migrations that were released, each with what to do about it. Databases have applied them as they
 * were, under the name that they had: an edit reaches none of them, and a new name makes them apply it again.
 */
export function findReleasedFaults(
  released: readonly ReleasedMigration[],
  { journal, files }: MigrationFolder,
): readonly string[] {
  const faults = released.flatMap((one) => findFileFault(one, files));
  // Files that are gone or renamed are out of order in the journal as well; that is told once.
  if (faults.length > 0) return faults;
  const place = released.findIndex(({ name }, index) => journal[index] !== name);
  if (place === -1) return [];
  return [
    `meta/_journal.json has ${journal[place] ?? "nothing"} where ${released[place]?.name} was released: ` +
      "restore the order; new migrations come after all that were released",
  ];
}

function findFileFault({ name, sha256 }: ReleasedMigration, files: MigrationFolder["files"]): string[] {
  const hash = files.get(name);
  if (hash === sha256) return [];
  if (hash !== undefined) return [`${name}.sql has changed since it was released: restore it, and ${NEW_ONE}`];
  const [newName] = [...files].find(([, other]) => other === sha256) ?? [];
  if (newName !== undefined)
    return [
      `${name}.sql was released and is called ${newName}.sql now: give it its name back, also in meta/_journal.json`,
    ];
  return [`${name}.sql was released and is gone: restore it; to undo what it did, ${NEW_ONE}`];
}

/** What makes the folder itself doubtful, released or not. */
export function findFolderFaults({ journal, files }: MigrationFolder): readonly string[] {
  const missing = journal.filter((name) => !files.has(name));
  const unknown = [...files.keys()].filter((name) => !journal.includes(name));
  const misplaced = journal.filter((name, place) => Number(/^(\d{4})_/.exec(name)?.[1] ?? Number.NaN) !== place);
  return [
    ...missing.map((name) => `meta/_journal.json names ${name}, but there is no ${name}.sql`),
    ...unknown.map(
      (name) => `${name}.sql is not in meta/_journal.json and would never be applied: make it by npm run db:generate`,
    ),
    ...misplaced.map(
      (name) =>
        `${name} is number ${journal.indexOf(name)} in meta/_journal.json: two branches may have added one; generate yours again`,
    ),
  ];
}
