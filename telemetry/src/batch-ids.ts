import { BATCH_EXPIRES_MS, type BatchOutcome } from "../../src/observability/metrics-batch.ts";

/** The API gives a batch up after half of it, so an id is never forgotten while its batch may come again. */
const KEEP_IDS_MS = 2 * BATCH_EXPIRES_MS;

/** A batch that is older than this by our clock is not counted, whatever its sender thinks: its id may be forgotten soon. */
const STALE_MS = KEEP_IDS_MS - 10 * 60_000;

/** How often ids are looked through for old ones. */
const SWEEP_MS = 60_000;

/** Knows which batches have been counted, for as long as one may come again. */
export class BatchIds {
  readonly #sql: SqlStorage;
  /** A reset makes a sweep come sooner, no more. */
  #sweptAt = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS batches (id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) WITHOUT ROWID");
  }

  /** Notes the id, unless it is known or the batch too old; times in milliseconds since 1970. */
  admit(id: string, takenAt: number, now: number): BatchOutcome {
    if (now - takenAt > STALE_MS) return "stale";
    this.#sweep(now);
    const insert = "INSERT INTO batches (id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id";
    return this.#sql.exec(insert, id, now).toArray().length === 0 ? "repeated" : "recorded";
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sql.exec("DELETE FROM batches WHERE seen_at < ?", now - KEEP_IDS_MS);
    this.#sweptAt = now;
  }
}
