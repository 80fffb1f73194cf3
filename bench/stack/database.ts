import pg from "pg";

import type { Cleanup } from "../../tools/command/cleanup.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startPostgres } from "../../tools/postgres/index.ts";
import { FIRST_CREATED_AT, FULL_NAME, ROW_COUNT } from "../scenarios/rows.ts";
import type { Scenario } from "../scenarios/scenario.ts";

/** The database that all variants use. */
export interface BenchDatabase {
  /** A direct connection. */
  readonly url: string;
  readonly version: string;
  /** Makes the table what every measurement starts from; takes a fraction of a second. */
  restore(size?: TableSize): Promise<void>;
  /** Whether changes of users leave events from now on, as they do at first. */
  recordEvents(isOn: boolean): Promise<void>;
}

export interface TableSize {
  /** `ROW_COUNT` when absent. */
  readonly rows?: number;
  /** Users that are there to be deleted, none when absent. */
  readonly deletable?: number;
}

/** More than a small machine deletes in a second. */
const DELETES_PER_SECOND = 12_000;

/** How many users a scenario can delete in the time. */
export function deletableFor({ isDeleting }: Pick<Scenario, "isDeleting">, seconds: number): number {
  return isDeleting ? Math.ceil(seconds * DELETES_PER_SECOND) : 0;
}

/** Starts PostgreSQL, migrated and filled. */
export async function startDatabase(cleanup: Cleanup): Promise<BenchDatabase> {
  const server = await startPostgres();
  cleanup.add(() => server.close());
  const url = await server.createDatabase();
  await migrate({ postgresUrl: url, log: () => undefined });
  // Filling a large table takes longer than the migrations let a statement take.
  const client = new pg.Client({ connectionString: url, options: "-c statement_timeout=0 -c lock_timeout=0" });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  cleanup.add(() => client.end());
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  let hasEvents = true;
  const database: BenchDatabase = {
    url,
    version: rows[0]?.server_version ?? "unknown",
    async restore(size = {}) {
      await restore(client, size);
      await client.query(toggleEvents(hasEvents));
    },
    async recordEvents(isOn) {
      hasEvents = isOn;
      await client.query(toggleEvents(isOn));
    },
  };
  await database.restore();
  return database;
}

/** The triggers of `users` are those that write events. */
const toggleEvents = (isOn: boolean): string => `alter table users ${isOn ? "enable" : "disable"} trigger user`;

async function restore(client: pg.Client, { rows = ROW_COUNT, deletable = 0 }: TableSize): Promise<void> {
  // Filled anew instead of put right: then neither dead rows nor a stretched index tell of the measurement before.
  await empty(client);
  // What is filled in happened before the measurement, and left no events.
  await client.query(toggleEvents(false));
  await insert(client, { prefix: "8000", name: "user", count: rows });
  await insert(client, { prefix: "9000", name: "gone", count: deletable });
  await client.query("vacuum analyze users, idempotency_keys, user_events");
}

/** PostgreSQL's code for a wait that would have had no end. */
const DEADLOCK = "40P01";
const ATTEMPTS = 5;

/** Statements of the measurement before may still run, and hold one table while they wait for the other. */
async function empty(client: pg.Client): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query("truncate users, idempotency_keys, user_events");
      return;
    } catch (error) {
      const isWorthRepeating = error instanceof pg.DatabaseError && error.code === DEADLOCK && attempt < ATTEMPTS;
      if (!isWorthRepeating) throw error;
    }
  }
}

interface Batch {
  readonly prefix: string;
  readonly name: string;
  readonly count: number;
}

/** As `idOf`, `deletableIdOf` and `usernameOf` have it. */
async function insert(client: pg.Client, { prefix, name, count }: Batch): Promise<void> {
  if (count === 0) return;
  await client.query(
    `insert into users (id, username, email, full_name, created_at, updated_at)
     select ('00000000-0000-7000-' || $2 || '-' || lpad(to_hex(place), 12, '0'))::uuid, username, username || '@example.com', $4,
       time, time
     from generate_series(1, $1::integer) as place,
       lateral (select $3 || lpad(place::text, 8, '0') as username, $5::timestamptz + place * interval '1 minute' as time)`,
    [count, prefix, name, FULL_NAME, FIRST_CREATED_AT],
  );
}
