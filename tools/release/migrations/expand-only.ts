import type { Migration } from "../../db/migration-files.ts";
import { findTableDanger } from "./alter-table.ts";
import { findCreateDanger } from "./create.ts";
import { REMOVES_ROWS, UNKNOWN } from "./reasons.ts";
import { createSchemaSoFar, type SchemaSoFar } from "./schema-so-far.ts";
import { splitAt, type Token, tokenize } from "./tokens.ts";
import { readWords, type WordReader } from "./words.ts";
import { findInsertDanger, findUpdateDanger } from "./writes.ts";

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

type Rule = (words: WordReader, schema: SchemaSoFar) => string | null;

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
  ["DELETE", refuse(REMOVES_ROWS)],
  ["INSERT INTO", findInsertDanger],
  ["UPDATE", findUpdateDanger],
  ["COMMENT|GRANT|ANALYZE|RESET", HARMLESS],
  ["SET", findSettingDanger],
  ["DO|CALL", refuse("what such a block does cannot be seen here")],
];

function findDanger(tokens: readonly Token[], schema: SchemaSoFar): string | null {
  for (const [beginning, rule] of RULES) {
    const words = readWords(tokens);
    if (words.skip(beginning)) return rule(words, schema);
  }
  return UNKNOWN;
}

function findTypeDanger(words: WordReader): string | null {
  words.name();
  return words.skip("ADD VALUE") ? null : "the running version expects the type as it is";
}

function findDropTableDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("IF EXISTS");
  const names = splitAt(words.rest(), ",").map((part) => readWords(part).table());
  return names.every((name) => schema.hasTable(name)) ? null : "the running version may still use the table";
}

const SETTINGS = "LOCK_TIMEOUT|STATEMENT_TIMEOUT|TRANSACTION_TIMEOUT|MAINTENANCE_WORK_MEM|WORK_MEM|CLIENT_MIN_MESSAGES";

/** Another search path, for one, would give every name here another meaning. */
function findSettingDanger(words: WordReader): string | null {
  words.skip("LOCAL|SESSION");
  return words.skip(SETTINGS) ? null : UNKNOWN;
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
