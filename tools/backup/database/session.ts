import pg from "pg";

const CONNECT_TIMEOUT_MS = 15_000; // A suspended Neon compute takes a few seconds to wake up.

/**
 * Settings under which a value has one text, whatever the server, the role or the database say, and under which a long read
 * is not cut off. `row_security = off` makes a read that would miss rows fail.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: "UTC",
  DateStyle: "ISO, YMD",
  IntervalStyle: "iso_8601",
  bytea_output: "hex",
  extra_float_digits: "1",
  xmlbinary: "base64",
  search_path: "",
  row_security: "off",
  statement_timeout: "0",
  idle_in_transaction_session_timeout: "0",
};

/** Opens a session whose answers can be compared with those of another server, and closes it after the work. */
export async function inCanonicalSession<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    await client.query(
      "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS settings (name, value)",
      [Object.keys(SETTINGS), Object.values(SETTINGS)],
    );
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface ServerVersion {
  /** `17.5`, with what the packager added. */
  readonly version: string;
  readonly major: number;
}

export async function readServerVersion(client: pg.Client): Promise<ServerVersion> {
  const { rows } = await client.query<{ version: string; number: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS number",
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the server does not tell its version");
  return { version: row.version, major: Math.floor(row.number / 10_000) };
}
