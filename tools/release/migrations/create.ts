import type {
  ColumnDef,
  Constraint,
  CreateSchemaStmt,
  CreateStmt,
  CreateTableAsStmt,
  DefineStmt,
  IndexStmt,
} from "libpg-query";

import { findColumnReferenceDanger, isRequiredColumn } from "./new-column.ts";
import { SHARES_ROWS, UNKNOWN } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, namesIn, ofKind, tableKey } from "./syntax-tree.ts";
import { findHiddenWrite } from "./writes.ts";

/** Why the running version may not survive a new table; null when it will. */
export function findTableDanger(statement: CreateStmt, schema: SchemaSoFar): string | null {
  const table = tableKey(statement.relation);
  // One that may be there already may be in use.
  if (statement.if_not_exists !== true) schema.addTable(table);
  // What it inherits from, or is a partition of, shows its rows too.
  const parents = allOfKind(statement.inhRelations, "RangeVar").map(tableKey);
  if (!parents.every((parent) => schema.hasTable(parent))) return SHARES_ROWS;
  const columns = allOfKind(statement.tableElts, "ColumnDef");
  for (const column of columns) {
    const danger = findColumnReferenceDanger(column, table, schema);
    if (danger !== null) return danger;
  }
  const constraints = allOfKind(statement.tableElts, "Constraint");
  const required = requiredColumns(columns, constraints);
  return findReferenceDanger(constraints, table, schema, ({ fk_attrs: names }) =>
    namesIn(names).some((name) => required.has(name)),
  );
}

function requiredColumns(columns: readonly ColumnDef[], constraints: readonly Constraint[]): ReadonlySet<string> {
  const listed = constraints.filter(({ contype }) => contype === "CONSTR_PRIMARY" || contype === "CONSTR_NOTNULL");
  return new Set([
    ...columns.filter(isRequiredColumn).map(({ colname = "" }) => colname),
    ...listed.flatMap(({ keys }) => namesIn(keys)),
  ]);
}

/** A table, or a materialized view, that is filled by a query. */
export function findTableAsDanger(statement: CreateTableAsStmt, schema: SchemaSoFar): string | null {
  const { into, query, objtype, if_not_exists: mayExist } = statement;
  // A prepared statement cannot be seen here.
  if (ofKind(query, "SelectStmt") === undefined) return UNKNOWN;
  if (objtype === "OBJECT_TABLE" && mayExist !== true) schema.addTable(tableKey(into?.rel));
  return findHiddenWrite(query);
}

export function findIndexDanger(statement: IndexStmt, schema: SchemaSoFar): string | null {
  const table = tableKey(statement.relation);
  if (statement.unique !== true || schema.hasTable(table)) return null;
  const elements = allOfKind(statement.indexParams, "IndexElem");
  const names = elements.flatMap(({ name }) => name ?? []);
  const isOverNames = names.length === elements.length && statement.nulls_not_distinct !== true;
  const isForEmpty = isOverNames && schema.bind(table, names);
  return isForEmpty ? null : "rows that are there, or that the running version writes, may not be unique";
}

/** With whatever is created in it by the same statement. */
export function findSchemaDanger({ schemaElts: elements = [] }: CreateSchemaStmt): string | null {
  return elements.length === 0 ? null : UNKNOWN;
}

export function findDefinitionDanger({ kind }: DefineStmt): string | null {
  return kind === "OBJECT_TYPE" || kind === "OBJECT_AGGREGATE" || kind === "OBJECT_COLLATION" ? null : UNKNOWN;
}
