// `npm run db:release`: notes the migrations of a release, which nobody may edit from then on.
import { join } from "node:path";

import { findMigrationFaults } from "./check-migrations.ts";
import { runFolderCommand } from "./folder-command.ts";
import { readMigrations } from "./migration-files.ts";
import { findUnreleased, readReleased, writeReleased } from "./released-migrations.ts";

const HELP = `Usage: npm run db:release [-- --folder FOLDER]

Notes in migrations/released.json which migrations have been released, with their sums: npm run db:check, a part of
npm run verify, then refuses every change of them. Run it after a release, and commit the file.

  --folder FOLDER  a folder as drizzle-kit writes it, with released.json; migrations/ when absent
  --help           this text

Exit codes: 0 done or nothing to do, 1 something is wrong with the migrations, 2 called wrongly.`;

/** Adds to the list what is not in it yet; gives what to tell. @throws Error when something is wrong with the migrations */
export async function releaseMigrations(folder: string): Promise<string> {
  const faults = await findMigrationFaults(folder);
  if (faults.length > 0) throw new Error(`nothing was noted:\n${faults.join("\n")}`);
  const released = readReleased(folder);
  const added = findUnreleased(await readMigrations(folder), released);
  if (added.length === 0) return "nothing to do: all migrations are noted as released";
  writeReleased(folder, [...released, ...added.map(({ name, hash }) => ({ name, sha256: hash }))]);
  return `noted as released: ${added.map(({ name }) => name).join(", ")}. Commit ${join(folder, "released.json")}`;
}

if (import.meta.main) await runFolderCommand({ help: HELP, run: releaseMigrations });
