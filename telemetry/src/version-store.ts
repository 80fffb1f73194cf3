import { OTHER, type MetricsBatch } from "../../src/observability/metrics-batch.ts";
import type { StoredVersion } from "./stored.ts";
import { admitValue, type KnownValues } from "./vocabulary.ts";

/** That a version is still there needs no writing for each batch. */
const NOTE_MS = 60 * 60_000;

/** As long as a version's tag may be at Cloudflare. */
const MAX_TAG_LENGTH = 100;

/** Knows the versions of the API, and when each was last heard of. */
export class VersionStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS versions
      (id TEXT PRIMARY KEY, tag TEXT NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID`);
  }

  /** Gives the id under which it counts. */
  note({ id, tag }: MetricsBatch["version"], now: number, known: KnownValues): string {
    const admitted = admitValue(known, "version", id);
    this.#sql.exec(
      `INSERT INTO versions (id, tag, seen_at) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at WHERE excluded.seen_at - seen_at > ?`,
      admitted,
      admitted === OTHER ? OTHER : tag.slice(0, MAX_TAG_LENGTH),
      now,
      NOTE_MS,
    );
    return admitted;
  }

  read(): StoredVersion[] {
    const rows = this.#sql.exec<{ id: string; tag: string; seen_at: number }>("SELECT id, tag, seen_at FROM versions");
    return [...rows].map(({ id, tag, seen_at: seenAt }) => ({ id, tag, seenAt }));
  }

  forget(id: string): void {
    this.#sql.exec("DELETE FROM versions WHERE id = ?", id);
  }
}
