import { CHANGES_ROWS, REMOVES_ROWS } from "./reasons.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import { splitAt, type Token } from "./tokens.ts";
import { listedNames, readWords, type WordReader } from "./words.ts";

export function findInsertDanger(words: WordReader, schema: SchemaSoFar): string | null {
  const isNew = schema.hasTable(words.table());
  return findHiddenWrite(words.rest()) ?? (isNew ? null : "the running version may meet the new rows");
}

/** Filling new columns is part of expanding. */
export function findUpdateDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("ONLY");
  const table = words.table();
  const rest = words.rest();
  const hidden = findHiddenWrite(rest);
  if (hidden !== null) return hidden;
  const set = rest.findIndex(({ kind, text }) => kind === "word" && text === "SET");
  const columns = splitAt(rest.slice(set + 1), ",").flatMap((assignment) => assignedNames(assignment) ?? [""]);
  return columns.every((column) => schema.hasColumn(table, column)) ? null : CHANGES_ROWS;
}

/** The columns before the equals sign; null for what is no assignment, such as a second table after FROM. */
function assignedNames(assignment: readonly Token[]): readonly string[] | null {
  const equals = assignment.findIndex(({ kind, text }) => kind === "symbol" && text === "=");
  const target = assignment.slice(0, Math.max(equals, 0));
  if (target[0]?.text === "(") return listedNames(target);
  return target.length === 1 ? [readWords(target).name()] : null;
}

const WRITES = new Set(["INSERT", "UPDATE", "MERGE"]);

/** A WITH can hold writes of its own. */
export function findHiddenWrite(tokens: readonly Token[]): string | null {
  if (tokens.some(({ kind, text }) => kind === "word" && text === "DELETE")) return REMOVES_ROWS;
  const writes = tokens.some(
    ({ kind, text }, place) => kind === "word" && WRITES.has(text) && tokens[place - 1]?.text === "(",
  );
  return writes ? CHANGES_ROWS : null;
}
