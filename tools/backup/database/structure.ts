import type { Client } from "pg";

/** A constraint or an index, as PostgreSQL spells it. */
export interface Definition {
  /** `public.users users_email_key`. */
  readonly name: string;
  readonly definition: string;
  /** False for a constraint that old rows were not checked against, and for an index that is never used. */
  readonly isValid: boolean;
}

export interface Structure {
  readonly constraints: readonly Definition[];
  readonly indexes: readonly Definition[];
  /** Functions, triggers, views, sequences, enum and composite types, one line each, with a digest of what they say. */
  readonly objects: readonly string[];
}

const OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
const OF_NO_EXTENSION = (catalog: string, id: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.${catalog}'::regclass AND d.objid = ${id} AND d.deptype = 'e')`;

// From PostgreSQL 18 on NOT NULL is a constraint as well; the other kinds are the same in all versions.
const CONSTRAINTS = `
  SELECT n.nspname || '.' || r.relname || ' ' || c.conname AS name, pg_get_constraintdef(c.oid) AS definition, c.convalidated AS "isValid"
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE c.contype IN ('c', 'f', 'p', 'u', 'x') AND ${OURS} AND ${OF_NO_EXTENSION("pg_class", "r.oid")} ORDER BY 1`;

const INDEXES = `
  SELECT n.nspname || '.' || r.relname || ' ' || i.relname AS name, pg_get_indexdef(i.oid) AS definition,
    x.indisvalid AND x.indisready AS "isValid"
  FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class r ON r.oid = x.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE ${OURS} AND ${OF_NO_EXTENSION("pg_class", "r.oid")} ORDER BY 1`;

// Of the text without parentheses and spaces: PostgreSQL spells `(a AND b) AND c` without them once it has read its own spelling.
const digestOf = (text: string): string =>
  `' ' || left(encode(sha256(convert_to(regexp_replace(${text}, '[()[:space:]]+', '', 'g'), 'UTF8')), 'hex'), 12)`;

const OBJECTS = `
  SELECT 'function ' || p.oid::regprocedure || ${digestOf("coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)")} AS name
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE ${OURS} AND ${OF_NO_EXTENSION("pg_proc", "p.oid")}
  UNION ALL
  SELECT 'trigger ' || n.nspname || '.' || r.relname || ' ' || t.tgname || ' ' || t.tgenabled::text || ${digestOf("pg_get_triggerdef(t.oid)")}
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class r ON r.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
  WHERE NOT t.tgisinternal AND ${OURS}
  UNION ALL
  SELECT 'view ' || c.oid::regclass || ${digestOf("pg_get_viewdef(c.oid)")}
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('v', 'm') AND ${OURS} AND ${OF_NO_EXTENSION("pg_class", "c.oid")}
  UNION ALL
  SELECT 'sequence ' || c.oid::regclass FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND ${OURS} AND ${OF_NO_EXTENSION("pg_class", "c.oid")}
  UNION ALL
  SELECT 'enum ' || t.oid::regtype || ' ' || (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
    FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'e' AND ${OURS} AND ${OF_NO_EXTENSION("pg_type", "t.oid")}
  UNION ALL
  SELECT 'type ' || c.oid::regclass || ' ' || (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'c' AND ${OURS} AND ${OF_NO_EXTENSION("pg_class", "c.oid")}
  ORDER BY 1`;

/** Reads what guards and finds the rows; the session's empty search path makes every name complete. */
export async function readStructure(client: Client): Promise<Structure> {
  const constraints = await client.query<Definition>(CONSTRAINTS);
  const indexes = await client.query<Definition>(INDEXES);
  const objects = await client.query<{ name: string }>(OBJECTS);
  return { constraints: constraints.rows, indexes: indexes.rows, objects: objects.rows.map(({ name }) => name) };
}
