import type { DatabaseContent } from "../database/content.ts";
import type { Definition } from "../database/structure.ts";
import type { TableDigest } from "../database/table-digests.ts";

/** One line of the report. */
export interface Comparison {
  /** `public.users`, or `constraints`. */
  readonly what: string;
  /** In the database when it was dumped. */
  readonly dumped: string;
  readonly restored: string;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

/** Compares what was dumped with what was restored, tables first. */
export function compareContent(dumped: DatabaseContent, restored: DatabaseContent): readonly Comparison[] {
  const tables = [...new Set([...dumped.tables, ...restored.tables].map(({ table }) => table))].toSorted();
  const find = ({ tables: all }: DatabaseContent, name: string): TableDigest | undefined =>
    all.find(({ table }) => table === name);
  const [before, after] = [dumped.structure, restored.structure];
  return [
    ...tables.map((name) => compareTable(name, find(dumped, name), find(restored, name))),
    compareDefinitions("constraints", before.constraints, after.constraints),
    compareDefinitions("indexes", before.indexes, after.indexes),
    compareLists("other objects", before.objects, after.objects),
    compareLists("migrations", dumped.migrations.map(spell), restored.migrations.map(spell)),
  ];
}

const spell = ({ name, hash }: DatabaseContent["migrations"][number]): string => `${name} (${hash.slice(0, 12)})`;

function compareTable(what: string, dumped: TableDigest | undefined, restored: TableDigest | undefined): Comparison {
  const show = (table: TableDigest | undefined): string =>
    table === undefined ? "-" : `${table.rows} rows ${table.checksum.slice(0, 12)}`;
  return { what, dumped: show(dumped), restored: show(restored), problems: tableProblems(what, dumped, restored) };
}

function tableProblems(
  what: string,
  dumped: TableDigest | undefined,
  restored: TableDigest | undefined,
): readonly string[] {
  if (dumped === undefined) return [`${what} was not in the database`];
  if (restored === undefined) return [`${what} is missing`];
  if (dumped.columns.join() !== restored.columns.join())
    return [`${what} has other columns: ${restored.columns.join(", ")}, not ${dumped.columns.join(", ")}`];
  if (dumped.rows !== restored.rows) return [`${what} has ${restored.rows} rows, not ${dumped.rows}`];
  return dumped.checksum === restored.checksum ? [] : [`${what} has as many rows, but others`];
}

function compareDefinitions(what: string, dumped: readonly Definition[], restored: readonly Definition[]): Comparison {
  const show = ({ name, definition }: Definition): string => `${name}: ${definition}`;
  const comparison = compareLists(what, dumped.map(show), restored.map(show));
  // One that was not valid in the database is none of the backup's mistakes.
  const wasValid = new Set(dumped.filter(({ isValid }) => isValid).map(({ name }) => name));
  const invalid = restored.filter(({ name, isValid }) => !isValid && wasValid.has(name));
  return { ...comparison, problems: [...comparison.problems, ...invalid.map(({ name }) => `${name} is not valid`)] };
}

function compareLists(what: string, dumped: readonly string[], restored: readonly string[]): Comparison {
  return {
    what,
    dumped: String(dumped.length),
    restored: String(restored.length),
    problems: [
      ...without(dumped, restored).map((each) => `missing in ${what}: ${each}`),
      ...without(restored, dumped).map((each) => `not in the database's ${what}: ${each}`),
    ],
  };
}

/**
 * Those of one list that the other has not, whatever their parentheses and spaces: PostgreSQL spells `(a AND b) AND c` without them
 * once it has read its own spelling.
 */
function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const bare = (text: string): string => text.replaceAll(/[()\s]+/g, "");
  const known = new Set(other.map(bare));
  return list.filter((each) => !known.has(bare(each)));
}
