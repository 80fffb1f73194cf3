import { choosePrograms } from "../../tools/backup/programs/choose-programs.ts";
import { findPrograms } from "../../tools/backup/programs/find-programs.ts";
import { startEmbeddedServer } from "../../tools/postgres/embedded/server.ts";

/** Where the server of the backup tests listens, and the folder of its programs. */
export const BACKUP_POSTGRES_URL = "BACKUP_POSTGRES_URL";
export const BACKUP_POSTGRES_PROGRAMS = "BACKUP_POSTGRES_PROGRAMS";

/** Any that is supported: pg_dump and its server come from one folder, so they fit each other. */
const OLDEST_MAJOR = 14;

/** One PostgreSQL of the system's own programs for all test files: the npm package has no pg_dump. */
export default async function startDebianPostgres(): Promise<() => Promise<void>> {
  const need = { major: OLDEST_MAJOR, because: "what these tests need", needsServer: true };
  const { folder } = choosePrograms(await findPrograms(undefined), need);
  const server = await startEmbeddedServer({ programs: folder });
  process.env[BACKUP_POSTGRES_URL] = server.url;
  process.env[BACKUP_POSTGRES_PROGRAMS] = folder;
  return async () => await server.close();
}
