import pg from "pg";

/** One row of the users that the load works with. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly full_name: string;
  readonly version: number;
}

/** The schema and the list of applied migrations in one text, to be compared with itself. */
export async function describeSchema(databaseUrl: string): Promise<string> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ line: string }>(
      `SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS line
         FROM information_schema.columns WHERE table_schema = 'public'
       UNION ALL SELECT concat_ws(' ', 'applied', name, hash) FROM public.schema_migrations
       UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace
       ORDER BY line`,
    );
    return rows.map(({ line }) => line).join("\n");
  });
}

/** Adds users for the load to begin with; gives them as they stand. */
export async function addUsers(databaseUrl: string, users: readonly UserRow[]): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO users (id, username, email, full_name, created_at, updated_at, version)
       SELECT id, username, username || '@example.com', full_name, now(), now(), version
       FROM json_to_recordset($1) AS fresh (id uuid, username text, full_name text, version integer)`,
      [JSON.stringify(users)],
    );
  });
}

export async function readUsers(databaseUrl: string, prefix: string): Promise<UserRow[]> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<UserRow>(
      "SELECT id, username, full_name, version FROM users WHERE starts_with(username, $1)",
      [prefix],
    );
    return rows;
  });
}

export async function withClient<Result>(
  databaseUrl: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
