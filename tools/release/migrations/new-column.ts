import { BREAKS_CONSTRAINT } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { NewColumn, SchemaSoFar } from "./schema-so-far.ts";
import type { Token } from "./tokens.ts";
import { hasWords, type WordReader } from "./words.ts";

/** Why the running version may not survive a new column, which it does not know, in a table that it uses. */
export function findNewColumnDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  const mayExist = words.skip("IF NOT EXISTS");
  const column = words.name();
  const definition = words.rest();
  const isBound = BINDING.some((keywords) => hasWords(definition, keywords));
  const state: NewColumn = { isFilled: isFilled(definition), isBound };
  // A column that may be there already may be in use.
  if (!mayExist) schema.addColumn(table, column, state);
  return (
    findValueDanger(definition) ?? findRuleDanger(definition, state) ?? findReferenceDanger(definition, table, schema)
  );
}

/** Whether an expression may be NULL by what is written in it; NOT NULL after it does not count. */
export function mayBeNull(expression: readonly Token[]): boolean {
  return expression.some(
    ({ kind, text }, place) =>
      kind === "word" && (text === "NULLIF" || (text === "NULL" && expression[place - 1]?.text !== "NOT")),
  );
}

const BINDING = ["UNIQUE", "PRIMARY KEY", "REFERENCES"] as const;

function findValueDanger(definition: readonly Token[]): string | null {
  const isRequired = hasWords(definition, "NOT NULL") || hasWords(definition, "PRIMARY KEY");
  const isEmpty = !isFilled(definition) || (hasWords(definition, "DEFAULT") && mayBeNull(definition));
  if (isRequired && isEmpty) return "the running version does not fill the new required column";
  const isComputed = hasWords(definition, "GENERATED") && !hasWords(definition, "AS IDENTITY");
  return isComputed ? "what the running version writes may not allow to compute the new column" : null;
}

/** NULL is unique and refers to nothing, and so are the numbers of a sequence unique; a default is neither. */
function findRuleDanger(definition: readonly Token[], { isFilled: isGiven, isBound }: NewColumn): string | null {
  const isBroken =
    hasWords(definition, "CHECK") ||
    hasWords(definition, "NULLS NOT DISTINCT") ||
    (isBound && hasWords(definition, "DEFAULT")) ||
    (isGiven && hasWords(definition, "REFERENCES"));
  return isBroken ? BREAKS_CONSTRAINT : null;
}

const SELF_FILLING_TYPES = new Set(["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"]);

function isFilled(definition: readonly Token[]): boolean {
  return (
    hasWords(definition, "DEFAULT") ||
    hasWords(definition, "GENERATED") ||
    definition.some(({ kind, text }) => kind === "word" && SELF_FILLING_TYPES.has(text))
  );
}
