import type { SchemaSoFar } from "./schema-so-far.ts";
import { splitAt, type Token } from "./tokens.ts";
import { hasWords, listedNames, readWords, type WordReader } from "./words.ts";

export const UNKNOWN = "what it does to the running version is not known here";

/** Why the running version may not survive this ALTER TABLE; null when it will. */
export function findTableDanger(words: WordReader, schema: SchemaSoFar): string | null {
  words.skip("IF EXISTS");
  words.skip("ONLY");
  const table = words.name();
  if (schema.hasTable(table)) return null;
  for (const action of splitAt(words.rest(), ",")) {
    const danger = findActionDanger(action, table, schema);
    if (danger !== null) return danger;
  }
  return null;
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

function findAddDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  const isColumn = words.skip("COLUMN");
  const definition = words.rest();
  if (!isColumn && words.skip(CONSTRAINT)) return findConstraintDanger(definition, table, schema);
  // A column that may be there already may be in use.
  if (!words.skip("IF NOT EXISTS")) schema.addColumn(table, words.name());
  const isRequired = hasWords(definition, "NOT NULL") || hasWords(definition, "PRIMARY KEY");
  return isRequired && !fillsItself(definition) ? "the running version does not fill the new required column" : null;
}

const SELF_FILLING_TYPES = new Set(["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"]);

function fillsItself(definition: readonly Token[]): boolean {
  if (hasWords(definition, "DEFAULT NULL")) return false;
  return (
    hasWords(definition, "DEFAULT") ||
    hasWords(definition, "GENERATED") ||
    definition.some(({ kind, text }) => kind === "word" && SELF_FILLING_TYPES.has(text))
  );
}

/** NOT VALID spares the old rows and the lock; that the running code keeps the rule is what its author has thought about. */
function findConstraintDanger(definition: readonly Token[], table: string, schema: SchemaSoFar): string | null {
  if (hasWords(definition, "NOT VALID")) return null;
  const isOverNames = hasWords(definition, "UNIQUE") || hasWords(definition, "FOREIGN KEY");
  const columns = isOverNames && !hasWords(definition, "USING INDEX") ? listedNames(definition) : null;
  if (columns !== null && columns.length > 0 && columns.every((column) => schema.hasColumn(table, column))) return null;
  return "rows that are there, or that the running version writes, may break the new constraint";
}

function findColumnDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  words.skip("COLUMN");
  if (schema.hasColumn(table, words.name())) return null;
  if (words.skip("SET DEFAULT") || words.skip("DROP NOT NULL") || words.skip("SET STATISTICS|STORAGE|COMPRESSION"))
    return null;
  if (words.skip("TYPE") || words.skip("SET DATA TYPE")) return "the running version expects the old type";
  if (words.skip("SET NOT NULL")) return "the running version may leave the column empty";
  if (words.skip("DROP DEFAULT")) return "the running version may rely on the default";
  return UNKNOWN;
}

function findDropDanger(words: WordReader, table: string, schema: SchemaSoFar): string | null {
  if (words.skip("CONSTRAINT")) return "the running version may rely on the constraint";
  words.skip("COLUMN");
  words.skip("IF EXISTS");
  return schema.hasColumn(table, words.name()) ? null : "the running version may still use the column";
}
