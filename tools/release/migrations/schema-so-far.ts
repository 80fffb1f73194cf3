/** A new column of a table that is in use. The running version, which does not know it, writes its default or NULL. */
export interface NewColumn {
  /** Whether it has a default, so that rows of the running version hold something else than NULL. */
  isFilled: boolean;
  /** Whether a constraint stands on it that holds only as long as those rows leave it empty. */
  isBound: boolean;
}

/** What the pending migrations have created up to a statement, of which no running version can know; and all CHECKs by name. */
export interface SchemaSoFar {
  addTable(table: string): void;
  addColumn(table: string, column: string, state: NewColumn): void;
  hasTable(table: string): boolean;
  /** Also true for every column of a new table. */
  hasColumn(table: string, column: string): boolean;
  /** Undefined for the columns of new tables, about which there is nothing to know. */
  column(table: string, column: string): NewColumn | undefined;
  /** Notes whether a constraint is a CHECK, also of a table that is in use. */
  setCheck(table: string, constraint: string, isCheck: boolean): void;
  /** False for what is not known. */
  isCheck(table: string, constraint: string): boolean;
  /** Notes a function that, as a trigger, only records what was written. */
  addRecorder(name: string): void;
  hasRecorder(name: string): boolean;
  /** Whether the running version leaves all of them empty, or has no such table; from now on it has to stay so. */
  bind(table: string, columns: readonly string[]): boolean;
}

/** Tables are as `WordReader.table` gives them. */
export function createSchemaSoFar(): SchemaSoFar {
  const tables = new Set<string>();
  const columns = new Map<string, NewColumn>();
  const checks = new Set<string>();
  const recorders = new Set<string>();
  const key = (table: string, column: string): string => JSON.stringify([table, column]);
  return {
    addTable: (table) => void tables.add(table),
    addColumn: (table, column, state) => void columns.set(key(table, column), state),
    hasTable: (table) => tables.has(table),
    hasColumn: (table, column) => tables.has(table) || columns.has(key(table, column)),
    column: (table, column) => columns.get(key(table, column)),
    setCheck: (table, name, isCheck) => void (isCheck ? checks.add(key(table, name)) : checks.delete(key(table, name))),
    isCheck: (table, name) => checks.has(key(table, name)),
    addRecorder: (name) => void recorders.add(name),
    hasRecorder: (name) => recorders.has(name),
    bind(table, names) {
      if (tables.has(table)) return true;
      const states = names.flatMap((name) => columns.get(key(table, name)) ?? []);
      if (states.length < names.length || states.length === 0 || states.some(({ isFilled }) => isFilled)) return false;
      for (const state of states) state.isBound = true;
      return true;
    },
  };
}
