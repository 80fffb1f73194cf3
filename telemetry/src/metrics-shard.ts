import { DurableObject } from "cloudflare:workers";

import type { BatchOutcome, MetricsBatch } from "../../src/observability/metrics-batch.ts";
import { BatchIds } from "./batch-ids.ts";
import { BreakerReports } from "./breaker-reports.ts";
import { ExemplarStore } from "./exemplar-store.ts";
import { SeriesStore } from "./series-store.ts";
import type { ShardState } from "./stored.ts";
import { VersionStore } from "./version-store.ts";

/**
 * Counts a share of all batches. Every count is in SQLite and none in memory: the platform resets an object whenever it likes,
 * and always when it gets another version.
 */
export class MetricsShard extends DurableObject<object> {
  readonly #exemplars = new ExemplarStore();
  readonly #ids: BatchIds;
  readonly #series: SeriesStore;
  readonly #versions: VersionStore;
  readonly #breakers: BreakerReports;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    const { sql } = state.storage;
    this.#ids = new BatchIds(sql);
    this.#series = new SeriesStore(sql, this.#exemplars);
    this.#versions = new VersionStore(sql);
    this.#breakers = new BreakerReports(sql);
  }

  /** All of it or nothing, and answered only when it is stored: the platform holds the answer back until then. */
  record(batch: MetricsBatch): BatchOutcome {
    const now = Date.now();
    return this.ctx.storage.transactionSync(() => {
      const verdict = this.#ids.admit(batch.id, batch.takenAt, now);
      if (verdict !== "recorded") return verdict;
      const version = this.#versions.note(batch.version, now, this.#series.known);
      this.#series.add(batch, version);
      this.#breakers.note(batch);
      return verdict;
    });
  }

  read(): ShardState {
    const breakers = this.#breakers.read(Date.now());
    const [versions, exemplars] = [this.#versions.read(), this.#exemplars.read()];
    return { ...this.#series.read(), versions, breakers, exemplars };
  }

  /** Drops versions that nobody runs any more; whoever has seen all shards decides which those are. */
  forget(versionIds: readonly string[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const id of versionIds) {
        this.#series.forget(id);
        this.#versions.forget(id);
      }
    });
  }
}
