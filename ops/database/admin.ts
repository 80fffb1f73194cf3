import { migrate } from "../../tools/db/migrate.ts";
import { readPendingMigrations } from "../../tools/db/pending-migrations.ts";
import { withDatabase } from "./connect.ts";
import { inspectWorkerRole, type WorkerRole } from "./inspect.ts";
import { grantWorkerRights, noteHandOver, setWorkerPassword } from "./worker-role.ts";

/** A database as it is, as far as the set-up cares. */
export interface DatabaseState {
  /** Names of the migrations that it has not seen. */
  readonly pending: readonly string[];
  /** Whether there are tables or views in the schema `public`. */
  readonly hasTables: boolean;
  readonly role: WorkerRole;
}

/** What the set-up does in a database. Every URL is that of its owner. */
export interface DatabaseAdmin {
  /** Changes nothing. */
  inspect(url: string): Promise<DatabaseState>;
  migrate(url: string): Promise<void>;
  /** Makes the Worker's role with its rights, or mends it. */
  grantRights(url: string): Promise<void>;
  setPassword(url: string, password: string): Promise<void>;
  noteHandOver(url: string): Promise<void>;
}

/** The one that works on PostgreSQL. */
export function createDatabaseAdmin(log: (line: string) => void): DatabaseAdmin {
  return {
    async inspect(url) {
      const { pending } = await readPendingMigrations({ postgresUrl: url });
      const names = pending.map(({ name }) => name);
      return await withDatabase(url, async (client) => {
        const { rows } = await client.query<{ exists: boolean }>(HAS_TABLES_SQL);
        return { pending: names, hasTables: rows[0]?.exists === true, role: await inspectWorkerRole(client) };
      });
    },
    migrate: async (url) => void (await migrate({ postgresUrl: url, log })),
    grantRights: (url) => withDatabase(url, grantWorkerRights),
    setPassword: (url, password) => withDatabase(url, (client) => setWorkerPassword(client, password)),
    noteHandOver: (url) => withDatabase(url, noteHandOver),
  };
}

const HAS_TABLES_SQL = `select exists (select from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')) as exists`;
