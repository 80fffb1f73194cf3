// `npm run db:check`: are the migrations what they were when they were released, and does the schema follow from them?
import { runFolderCommand } from "./folder-command.ts";
import { findFolderFaults, findReleasedFaults, readMigrationFolder } from "./migration-faults.ts";
import { readReleased } from "./released-migrations.ts";
import { findLeftovers, findSchemaFaults } from "./schema-faults.ts";

const HELP = `Usage: npm run db:check [-- --folder FOLDER]

Fails when a released migration was edited, removed, renamed or moved, when the journal and the files do not fit, or when
src/db/schema.ts says what no migration does. It needs no database.

  --folder FOLDER  a folder as drizzle-kit writes it, with released.json; migrations/ when absent
  --help           this text

Exit codes: 0 all is well, 1 something is wrong, 2 called wrongly.`;

/** What is wrong with a folder of migrations, with what to do; nothing when all is well. */
export async function findMigrationFaults(folder: string): Promise<readonly string[]> {
  const found = await readMigrationFolder(folder);
  return [...findReleasedFaults(readReleased(folder), found), ...findFolderFaults(found), ...findSchemaFaults(folder)];
}

if (import.meta.main) {
  await runFolderCommand({
    help: HELP,
    async run(folder) {
      const faults = await findMigrationFaults(folder);
      if (faults.length > 0) throw new Error(faults.join("\n"));
      const leftovers = findLeftovers(folder);
      const toDrop = leftovers.length === 0 ? "" : `; to be dropped when no version uses it: ${leftovers.join(", ")}`;
      return `the migrations are in order; ${readReleased(folder).length} of them are released${toDrop}`;
    },
  });
}
