import type { Migration } from "../../db/migration-files.ts";
import { findTableDanger, UNKNOWN } from "./alter-table.ts";
import { createSchemaSoFar, type SchemaSoFar } from "./schema-so-far.ts";
import { splitAt, type Token, tokenize } from "./tokens.ts";
import { listedNames, readWords, type WordReader } from "./words.ts";

/** A statement that the version which is still running may not survive. */
export interface Danger {
  readonly migration: string;
  /** Shortened, on one line. */
  readonly statement: string;
  readonly reason: string;
}

/**
 * Finds what does not only expand: during a release, and after a rollback, the old version lives with the new schema. What
 * a pending migration creates itself may be changed at will; a kind of statement that is not known here is refused.
 */
export function findDangers(migrations: readonly Pick<Migration, "name" | "statements">[]): readonly Danger[] {
  const schema = createSchemaSoFar();
  return migrations.flatMap(({ name, statements }) =>
    statements
      .flatMap((chunk) => splitAt(tokenize(chunk), ";"))
      .flatMap((tokens) => {
        const reason = findDanger(tokens, schema);
        return reason === null ? [] : [{ migration: name, statement: shorten(tokens), reason }];
      }),
  );
}

type Rule = (words: WordReader, schema: SchemaSoFar, tokens: readonly Token[]) => string | null;

const HARMLESS: Rule = () => null;
const refuse =
  (reason: string): Rule =>
  () =>
    reason;

/** By the words that a statement begins with; the first that fits decides. */
const RULES: readonly (readonly [beginning: string, rule: Rule])[] = [
  ["CREATE OR REPLACE", refuse("the running version may use what is replaced; create it under a new name")],
  ["CREATE", findCreateDanger],
  ["ALTER TABLE", findTableDanger],
  ["ALTER TYPE", findTypeDanger],
  ["DROP INDEX", refuse("the running version may rely on the index, for speed or for ON CONFLICT")],
  ["DROP TABLE", findDropTableDanger],
  ["DROP", refuse("the running version may still use it")],
  ["TRUNCATE", refuse("it removes rows that are in use")],
  ["DELETE", refuse("it removes rows that may be in use")],
  ["INSERT|UPDATE", findWriteDanger],
  ["COMMENT|GRANT|ANALYZE|SET|RESET", HARMLESS],
  ["DO|CALL", refuse("what such a block does cannot be seen here")],
];

function findDanger(tokens: readonly Token[], schema: SchemaSoFar): string | null {
  for (const [beginning, rule] of RULES) {
    const words = readWords(tokens);
    if (words.skip(beginning)) return rule(words, schema, tokens);
  }
  return UNKNOWN;
}

const CREATED = "TYPE|SEQUENCE|SCHEMA|EXTENSION|VIEW|FUNCTION|PROCEDURE|AGGREGATE|DOMAIN|COLLATION|TRIGGER|STATISTICS";

function findCreateDanger(words: WordReader, schema: SchemaSoFar): string | null {
  if (words.skip("UNIQUE")) return findUniqueIndexDanger(words, schema);
  words.skip("TEMP|TEMPORARY|UNLOGGED|MATERIALIZED");
  if (words.skip("TABLE")) {
    const mayExist = words.skip("IF NOT EXISTS");
    // One that may be there already may be in use.
    if (!mayExist) schema.addTable(words.name());
    return null;
  }
  return words.skip("INDEX") || words.skip(CREATED) ? null : UNKNOWN;
}

function findUniqueIndexDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("INDEX");
  words.skip("CONCURRENTLY");
  words.skip("IF NOT EXISTS");
  if (!words.skip("ON")) {
    words.name();
    words.skip("ON");
  }
  words.skip("ONLY");
  const table = words.name();
  const columns = listedNames(words.rest());
  const isNew = schema.hasTable(table) || (columns?.every((column) => schema.hasColumn(table, column)) ?? false);
  return isNew ? null : "rows that are there, or that the running version writes, may not be unique";
}

function findTypeDanger(words: WordReader): string | null {
  words.name();
  return words.skip("ADD VALUE") ? null : "the running version expects the type as it is";
}

function findDropTableDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("IF EXISTS");
  const names = splitAt(words.rest(), ",").map((part) => readWords(part).name());
  return names.every((name) => schema.hasTable(name)) ? null : "the running version may still use the table";
}

/** Filling new columns is part of expanding; a deletion can hide in a WITH. */
function findWriteDanger(_words: WordReader, _schema: SchemaSoFar, tokens: readonly Token[]): string | null {
  const deletes = tokens.some(({ kind, text }) => kind === "word" && text === "DELETE");
  return deletes ? "it removes rows that may be in use" : null;
}

const SHOWN_LENGTH = 120;

function shorten(tokens: readonly Token[]): string {
  const text = tokens.map(({ source }) => source).join(" ");
  const line = text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([.,)])/g, "$1")
    .replaceAll(/([.(]) /g, "$1");
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}
