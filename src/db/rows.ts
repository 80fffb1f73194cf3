import { getTableColumns, type AnyColumn, type GetColumnData, type InferSelectModel } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

import type { TextRow } from "./client.ts";

/** Makes a function that reads a whole row of the table, as a selection of all its columns has it, in the order of the schema. */
export function rowReader<Table extends PgTable>(table: Table): (row: TextRow) => InferSelectModel<Table> {
  const read: (row: TextRow) => Record<string, unknown> = selectionReader(getTableColumns(table));
  return (row) => read(row) as InferSelectModel<Table>;
}

/** Makes a function that reads the given columns, which stand side by side in their order. */
export function selectionReader<Columns extends Readonly<Record<string, AnyColumn>>>(
  selection: Columns,
): (row: TextRow) => { readonly [Name in keyof Columns]: GetColumnData<Columns[Name]> } {
  type Row = { readonly [Name in keyof Columns]: GetColumnData<Columns[Name]> };
  const columns = Object.entries(selection).map(([key, column], index) => ({ key, column, index }));
  return (row) => {
    const read: Record<string, unknown> = {};
    for (const { key, column, index } of columns) {
      const text = row[index] ?? null;
      read[key] = text === null ? null : column.mapFromDriverValue(text);
    }
    return read as Row;
  };
}
