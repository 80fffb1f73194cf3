import pg from "pg";

export interface OwnObject {
  /** As `DROP` calls it: `TABLE`. */
  readonly kind: string;
  /** Quoted where it has to be, with its schema. */
  readonly name: string;
}

export interface OwnObjects {
  /** Names of extensions, those of a fresh database among them. */
  readonly extensions: readonly string[];
  /** Schemas, tables, views, sequences, types and functions that belong to no extension and not to PostgreSQL. */
  readonly objects: readonly OwnObject[];
}

const OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
const NO_MEMBER = (catalog: string, id: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.${catalog}'::regclass AND d.objid = ${id} AND d.deptype IN ('e', 'i'))`;

const OBJECTS = `
  SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
    ELSE 'TABLE' END AS kind, c.oid::regclass::text AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND ${OURS} AND ${NO_MEMBER("pg_class", "c.oid")}
  UNION ALL
  SELECT 'ROUTINE', p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE ${OURS} AND ${NO_MEMBER("pg_proc", "p.oid")}
  UNION ALL
  SELECT 'TYPE', t.oid::regtype::text FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE (t.typtype IN ('d', 'e', 'r') OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) AND ${OURS} AND ${NO_MEMBER("pg_type", "t.oid")}
  UNION ALL
  SELECT 'SCHEMA', quote_ident(n.nspname) FROM pg_catalog.pg_namespace n
  WHERE n.nspname <> 'public' AND ${OURS} AND ${NO_MEMBER("pg_namespace", "n.oid")}`;

/** Reads what somebody has put into a database. */
export async function readOwnObjects(client: pg.Client): Promise<OwnObjects> {
  const { rows } = await client.query<OwnObject>(OBJECTS);
  return { extensions: await readExtensions(client), objects: rows };
}

async function readExtensions(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>("SELECT extname AS name FROM pg_catalog.pg_extension");
  return rows.map(({ name }) => name);
}

/** Drops everything in a database that was empty but for these extensions. */
export async function emptyDatabase(client: pg.Client, kept: readonly string[]): Promise<void> {
  const added = (await readExtensions(client)).filter((name) => !kept.includes(name));
  for (const name of added) await client.query(`DROP EXTENSION IF EXISTS ${pg.escapeIdentifier(name)} CASCADE`);
  const { objects } = await readOwnObjects(client);
  // What one takes with it, the next finds gone.
  for (const { kind, name } of objects) await client.query(`DROP ${kind} IF EXISTS ${name} CASCADE`);
}
