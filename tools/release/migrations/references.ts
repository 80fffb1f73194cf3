import { BLOCKS_DELETE } from "./reasons.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import type { Token } from "./tokens.ts";
import { hasWords, readWords } from "./words.ts";

/**
 * A row that is referred to cannot be deleted unless the reference says what then becomes of its own row. `definition` is
 * that of one column or constraint of `table`.
 */
export function findReferenceDanger(definition: readonly Token[], table: string, schema: SchemaSoFar): string | null {
  const isRequired = hasWords(definition, "NOT NULL") || hasWords(definition, "PRIMARY KEY");
  const isDangerous = referencesIn(definition).some((reference) => {
    const target = readWords(reference).table();
    if (target === table || schema.hasTable(target)) return false;
    return !hasWords(reference, "ON DELETE CASCADE") && (isRequired || !hasWords(reference, "ON DELETE SET NULL"));
  });
  return isDangerous ? BLOCKS_DELETE : null;
}

/** What follows each REFERENCES, up to the next. */
function referencesIn(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const places = tokens.flatMap(({ kind, text }, place) => (kind === "word" && text === "REFERENCES" ? [place] : []));
  return places.map((place, index) => tokens.slice(place + 1, places[index + 1]));
}
