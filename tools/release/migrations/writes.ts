import type { InsertStmt, UpdateStmt } from "libpg-query";

import { CHANGES_ROWS, REMOVES_ROWS } from "./reasons.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, someMember, tableKey } from "./syntax-tree.ts";

export function findInsertDanger(statement: InsertStmt, schema: SchemaSoFar): string | null {
  const isNew = schema.hasTable(tableKey(statement.relation));
  return findHiddenWrite(statement) ?? (isNew ? null : "the running version may meet the new rows");
}

/** Filling new columns is part of expanding. */
export function findUpdateDanger(statement: UpdateStmt, schema: SchemaSoFar): string | null {
  const hidden = findHiddenWrite(statement);
  if (hidden !== null) return hidden;
  const table = tableKey(statement.relation);
  const columns = allOfKind(statement.targetList, "ResTarget").map(({ name = "" }) => name);
  return columns.every((column) => schema.hasColumn(table, column)) ? null : CHANGES_ROWS;
}

const WRITES: ReadonlySet<string> = new Set(["InsertStmt", "UpdateStmt", "MergeStmt"]);

/** A WITH can hold writes of its own, at any depth of the statement. */
export function findHiddenWrite(statement: object | undefined): string | null {
  if (someMember(statement, (kind) => kind === "DeleteStmt")) return REMOVES_ROWS;
  return someMember(statement, (kind) => WRITES.has(kind)) ? CHANGES_ROWS : null;
}
