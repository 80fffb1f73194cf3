import { findNewColumnDanger, mayBeNull } from "./new-column.ts";
import { BREAKS_CONSTRAINT, SHARES_ROWS, UNKNOWN } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { NewColumn, SchemaSoFar } from "./schema-so-far.ts";
import { splitAt, type Token } from "./tokens.ts";
import { hasWords, listedNames, readWords, type WordReader } from "./words.ts";

/** Why the running version may not survive this ALTER TABLE; null when it will. */
export function findTableDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("IF EXISTS");
  words.skip("ONLY");
  const table = words.table();
  const findDanger = schema.hasTable(table) ? findNewTableDanger : findActionDanger;
  for (const action of splitAt(words.rest(), ",")) {
    const danger = findDanger(action, table, schema);
    if (danger !== null) return danger;
  }
  return null;
}

/** A new table may be changed at will, as long as no table that is in use feels it. */
function findNewTableDanger(action: readonly Token[], table: string, schema: SchemaSoFar): string | null {
  const words = readWords(action);
  const isJoined = words.skip("INHERIT") || words.skip("ATTACH PARTITION");
  if (isJoined && !schema.hasTable(words.table())) return SHARES_ROWS;
  return findReferenceDanger(action, table, schema);
}

type ActionRule = (words: WordReader, table: string, schema: SchemaSoFar) => string | null;

/** By the words that an action begins with; the first that fits decides. */
const ACTIONS: readonly (readonly [beginning: string, rule: ActionRule])[] = [
  ["ADD", findAddDanger],
  ["ALTER", findColumnDanger],
  ["DROP", findDropDanger],
  ["RENAME", () => "the running version still uses the old name"],
  ["VALIDATE CONSTRAINT", () => null],
  ["RESET", () => null],
  ["SET SCHEMA", () => "the running version looks for the table where it was"],
  // Only its form in parentheses is known: storage parameters.
  ["SET", (words) => (words.rest()[0]?.text === "(" ? null : UNKNOWN)],
];

function findActionDanger(action: readonly Token[], table: string, schema: SchemaSoFar): string | null {
  for (const [beginning, rule] of ACTIONS) {
    const words = readWords(action);
    if (words.skip(beginning)) return rule(words, table, schema);
  }
  return UNKNOWN;
}

const CONSTRAINT = "CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE|NOT";
const LEFT_EMPTY = "the running version may leave the column empty";

function findAddDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  const isColumn = words.skip("COLUMN");
  const definition = words.rest();
  if (!isColumn && words.skip(CONSTRAINT)) return findConstraintDanger(definition, table, schema);
  return findNewColumnDanger(words, table, schema);
}

/** NOT VALID spares the old rows and the lock; that the running code keeps the rule is what its author has thought about. */
function findConstraintDanger(definition: readonly Token[], table: string, schema: SchemaSoFar): string | null {
  if (hasWords(definition, "NOT NULL")) return LEFT_EMPTY;
  if (hasWords(definition, "NOT VALID")) return null;
  const isOverNames = hasWords(definition, "UNIQUE") || hasWords(definition, "FOREIGN KEY");
  const isKnown = isOverNames && !hasWords(definition, "USING INDEX") && !hasWords(definition, "NULLS NOT DISTINCT");
  if (!isKnown || !schema.bind(table, listedNames(definition) ?? [])) return BREAKS_CONSTRAINT;
  return findReferenceDanger(definition, table, schema);
}

function findColumnDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  words.skip("COLUMN");
  const column = schema.column(table, words.name());
  if (words.skip("DROP NOT NULL") || words.skip("SET STATISTICS|STORAGE|COMPRESSION")) return null;
  if (words.skip("SET NOT NULL")) return LEFT_EMPTY;
  if (words.skip("SET DEFAULT")) return findDefaultDanger(words.rest(), column);
  if (words.skip("DROP DEFAULT")) return RELIES_ON_DEFAULT;
  if (words.skip("TYPE") || words.skip("SET DATA TYPE"))
    return column === undefined ? "the running version expects the old type" : null;
  return UNKNOWN;
}

const RELIES_ON_DEFAULT = "the running version may rely on the default";

/** What the running version does not name it fills by the default. */
function findDefaultDanger(expression: readonly Token[], column: NewColumn | undefined): string | null {
  if (column === undefined || mayBeNull(expression)) return RELIES_ON_DEFAULT;
  column.isFilled = true;
  return column.isBound ? BREAKS_CONSTRAINT : null;
}

function findDropDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  if (words.skip("CONSTRAINT")) return "the running version may rely on the constraint";
  words.skip("COLUMN");
  words.skip("IF EXISTS");
  return schema.hasColumn(table, words.name()) ? null : "the running version may still use the column";
}
