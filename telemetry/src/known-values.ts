import type { KnownValues, OpenLabel } from "./vocabulary.ts";

/** The values of open labels that one shard has seen, where a reset does not reach them. */
export function createKnownValues(sql: SqlStorage): KnownValues {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS known_values (label TEXT, value TEXT, PRIMARY KEY (label, value)) WITHOUT ROWID",
  );
  return {
    has: (label, value) =>
      [...sql.exec("SELECT 1 FROM known_values WHERE label = ? AND value = ?", label, value)].length > 0,
    count: (label: OpenLabel) =>
      sql.exec<{ total: number }>("SELECT count(*) AS total FROM known_values WHERE label = ?", label).one().total,
    add: (label, value) => void sql.exec("INSERT INTO known_values (label, value) VALUES (?, ?)", label, value),
  };
}
