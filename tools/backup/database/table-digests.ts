import pg from "pg";

/** What a table holds, in a form that two servers can compare. */
export interface TableDigest {
  /** With its schema: `public.users`. */
  readonly table: string;
  /** Its columns in their order, with types: `id uuid`. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** 32 hexadecimal digits, the same whatever the order of the rows. */
  readonly checksum: string;
}

/** Ordinary tables, partitions among them, that belong to no extension; those of PostgreSQL itself are not dumped. */
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name,
    (SELECT coalesce(json_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1, 2`;

/** Counts and digests every table, in the transaction that the client is in. */
export async function readTableDigests(client: pg.Client): Promise<readonly TableDigest[]> {
  const { rows } = await client.query<{ schema: string; name: string; columns: string[] }>(TABLES);
  const digests: TableDigest[] = [];
  for (const { schema, name, columns } of rows) digests.push({ ...(await digest(client, schema, name)), columns });
  return digests;
}

// The sums of both halves of each row's SHA-256: independent of the order, and a row that is there twice counts twice, which
// an exclusive or would not see. Against accidents only; against malice there is the checksum of the file.
async function digest(client: pg.Client, schema: string, name: string): Promise<Omit<TableDigest, "columns">> {
  const half = (from: number): string =>
    `coalesce(sum(('x' || substr(hash, ${from}, 16))::bit(64)::bigint::numeric), 0)::text`;
  const { rows } = await client.query<{ count: string; high: string; low: string }>(`
    SELECT count(*)::text AS count, ${half(1)} AS high, ${half(17)} AS low
    FROM (SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS hash
      FROM ONLY ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)} AS t) AS hashes`);
  const [row] = rows;
  if (row === undefined) throw new Error(`${schema}.${name} cannot be counted`);
  return { table: `${schema}.${name}`, rows: Number(row.count), checksum: `${toHex(row.high)}${toHex(row.low)}` };
}

const toHex = (sum: string): string => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, "0");
