import type { InferSelectModel } from "drizzle-orm";
import { getTableColumns } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

import type { TextRow } from "./client.ts";

/**
 * Makes a function that reads a whole row of the table, whose columns stand side by side from `offset` on in the order of
 * the schema, as a selection of all of them has it.
 */
export function rowReader<Table extends PgTable>(table: Table): (row: TextRow) => InferSelectModel<Table> {
  const columns = Object.entries(getTableColumns(table)).map(([key, column], index) => ({ key, column, index }));
  return (row) => {
    const read: Record<string, unknown> = {};
    for (const { key, column, index } of columns) {
      const text = row[index] ?? null;
      read[key] = text === null ? null : column.mapFromDriverValue(text);
    }
    return read as InferSelectModel<Table>;
  };
}
