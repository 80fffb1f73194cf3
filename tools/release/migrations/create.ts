import { SHARES_ROWS, UNKNOWN } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import type { Token } from "./tokens.ts";
import { hasWords, listedElements, listedNames, readWords, type WordReader } from "./words.ts";
import { findHiddenWrite } from "./writes.ts";

const HARMLESS = "TYPE|SEQUENCE|EXTENSION|VIEW|FUNCTION|PROCEDURE|AGGREGATE|DOMAIN|COLLATION|STATISTICS|INDEX";

/** Why the running version may not survive this CREATE; null when it will. */
export function findCreateDanger(words: WordReader, schema: SchemaSoFar): string | null {
  if (words.skip("UNIQUE INDEX")) return findUniqueIndexDanger(words, schema);
  if (words.skip("TRIGGER")) return findTriggerDanger(words.rest(), schema);
  if (words.skip("SCHEMA")) return hasWords(words.rest(), "CREATE") ? UNKNOWN : null;
  if (words.skip("TEMP|TEMPORARY")) return "what is temporary can hide a table of the same name from the checks here";
  words.skip("UNLOGGED|MATERIALIZED");
  if (words.skip("TABLE")) return findTableDanger(words, schema);
  return words.skip(HARMLESS) ? null : UNKNOWN;
}

function findTableDanger(words: WordReader, schema: SchemaSoFar): string | null {
  const mayExist = words.skip("IF NOT EXISTS");
  const table = words.table();
  // A partition of a table that is in use takes rows that the running version writes.
  if (words.skip("PARTITION OF") && !schema.hasTable(words.table())) return SHARES_ROWS;
  const definition = words.rest();
  // One that may be there already may be in use.
  if (!mayExist) schema.addTable(table);
  if (!parentsOf(definition).every((parent) => schema.hasTable(parent))) return SHARES_ROWS;
  if (hasWords(definition, "AS")) return findHiddenWrite(definition);
  for (const element of listedElements(definition)) {
    const danger = findReferenceDanger(element, table, schema);
    if (danger !== null) return danger;
  }
  return null;
}

/** The tables that it inherits from. */
function parentsOf(definition: readonly Token[]): readonly string[] {
  if (!hasWords(definition, "INHERITS")) return [];
  const place = definition.findLastIndex(({ kind, text }) => kind === "word" && text === "INHERITS");
  return listedElements(definition.slice(place)).map((element) => readWords(element).table());
}

/** It may change or refuse what the running version writes. */
function findTriggerDanger(tokens: readonly Token[], schema: SchemaSoFar): string | null {
  const on = tokens.findIndex(({ kind, text }) => kind === "word" && text === "ON");
  const table = readWords(tokens.slice(on + 1)).table();
  return schema.hasTable(table) ? null : "the trigger acts on what the running version writes";
}

function findUniqueIndexDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("CONCURRENTLY");
  words.skip("IF NOT EXISTS");
  if (!words.skip("ON")) {
    words.name();
    words.skip("ON");
  }
  words.skip("ONLY");
  const table = words.table();
  const definition = words.rest();
  if (schema.hasTable(table)) return null;
  const isForEmpty = !hasWords(definition, "NULLS NOT DISTINCT") && schema.bind(table, listedNames(definition) ?? []);
  return isForEmpty ? null : "rows that are there, or that the running version writes, may not be unique";
}
