// `npm run db:check`: are the migrations what they were when they were released, and does the schema follow from them?
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { generateDrizzleJson } from "drizzle-kit/api";

import * as schema from "../../src/db/schema.ts";
import { runFolderCommand } from "./folder-command.ts";
import { findFolderFaults, findReleasedFaults, readMigrationFolder } from "./migration-faults.ts";
import { readReleased } from "./released-migrations.ts";

const HELP = `Usage: npm run db:check [-- --folder FOLDER]

Fails when a released migration was edited, removed, renamed or moved, when the journal and the files do not fit, or when
src/db/schema.ts says something else than the newest snapshot. It needs no database.

  --folder FOLDER  a folder as drizzle-kit writes it, with released.json; migrations/ when absent
  --help           this text

Exit codes: 0 all is well, 1 something is wrong, 2 called wrongly.`;

/** What is wrong with a folder of migrations, with what to do; nothing when all is well. */
export async function findMigrationFaults(folder: string): Promise<readonly string[]> {
  const found = await readMigrationFolder(folder);
  return [...findReleasedFaults(readReleased(folder), found), ...findFolderFaults(found), ...findSchemaFaults(folder)];
}

/** drizzle-kit compares with the newest snapshot; a difference would come up in somebody's next migration. */
function findSchemaFaults(folder: string): readonly string[] {
  const newest = globSync("meta/*_snapshot.json", { cwd: folder }).toSorted().at(-1);
  if (newest === undefined) return ["meta/ holds no snapshot: restore it from git"];
  const snapshot: { readonly prevId?: string } = JSON.parse(readFileSync(join(folder, newest), "utf8"));
  // Through JSON, as the snapshot: what is undefined is not there. Each has an id of its own.
  const ids = { id: "", prevId: "" };
  const fromSchema: object = JSON.parse(JSON.stringify(generateDrizzleJson(schema, snapshot.prevId)));
  if (isDeepStrictEqual({ ...snapshot, ...ids }, { ...fromSchema, ...ids })) return [];
  return [`src/db/schema.ts differs from ${newest}: make its migration, npm run db:generate -- --name what_it_does`];
}

if (import.meta.main) {
  await runFolderCommand({
    help: HELP,
    async run(folder) {
      const faults = await findMigrationFaults(folder);
      if (faults.length > 0) throw new Error(faults.join("\n"));
      return `the migrations are in order; ${readReleased(folder).length} of them are released`;
    },
  });
}
