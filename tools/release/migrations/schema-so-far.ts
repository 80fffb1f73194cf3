/** What the pending migrations have created up to a statement: no running version can know of it. */
export interface SchemaSoFar {
  addTable(table: string): void;
  addColumn(table: string, column: string): void;
  hasTable(table: string): boolean;
  /** Also true for every column of a new table. */
  hasColumn(table: string, column: string): boolean;
}

export function createSchemaSoFar(): SchemaSoFar {
  const tables = new Set<string>();
  const columns = new Set<string>();
  const key = (table: string, column: string): string => JSON.stringify([table, column]);
  return {
    addTable: (table) => void tables.add(table),
    addColumn: (table, column) => void columns.add(key(table, column)),
    hasTable: (table) => tables.has(table),
    hasColumn: (table, column) => tables.has(table) || columns.has(key(table, column)),
  };
}
