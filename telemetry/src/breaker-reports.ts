import type { MetricsBatch } from "../../src/observability/metrics-batch.ts";
import type { BreakerReport } from "./stored.ts";
import { admitBreakerState } from "./vocabulary.ts";

/** An isolate that says nothing for so long is gone, or has no requests: both count no more. */
const KEEP_MS = 5 * 60_000;

/**
 * Remembers breakers that are not closed, and those that were and are closed again: batches of one isolate come to different shards,
 * and whoever has seen all shards takes the last word. Nearly always this is empty.
 */
export class BreakerReports {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS breakers
      (isolate TEXT PRIMARY KEY, state TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID`);
  }

  note({ isolate, takenAt, breaker, counters }: MetricsBatch): void {
    const hasChanged = counters.some(({ name }) => name === "circuit_breaker_transitions_total");
    if (breaker === "closed" && !hasChanged) return;
    this.#sql.exec("DELETE FROM breakers WHERE at < ?", takenAt - KEEP_MS);
    this.#sql.exec(
      `INSERT INTO breakers (isolate, state, at) VALUES (?, ?, ?)
       ON CONFLICT (isolate) DO UPDATE SET state = excluded.state, at = excluded.at WHERE excluded.at >= at`,
      isolate,
      admitBreakerState(breaker),
      takenAt,
    );
  }

  read(now: number): BreakerReport[] {
    const sql = "SELECT isolate, state, at FROM breakers WHERE at >= ?";
    return [...this.#sql.exec<{ isolate: string; state: string; at: number }>(sql, now - KEEP_MS)];
  }
}
