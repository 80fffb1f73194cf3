import type { Durations } from "../../src/observability/metrics-batch.ts";
import { readExemplars } from "./exemplar-check.ts";
import type { SeriesKey, StoredExemplar } from "./stored.ts";

/** Of one shard; what is over it is forgotten, the longest unchanged first. */
const MAX_EXEMPLARS = 2_000;

/**
 * The last exemplar of each bucket. In memory: each row that is written is paid for, and an example that a reset of the object
 * takes away is replaced by the next batch that has one.
 */
export class ExemplarStore {
  /** In the order in which they were noted. */
  readonly #exemplars = new Map<string, StoredExemplar>();

  note(series: SeriesKey, durations: Durations): void {
    for (const exemplar of readExemplars(durations)) {
      const key = JSON.stringify([series.name, series.labels, series.version, exemplar.bucket]);
      this.#exemplars.delete(key);
      this.#exemplars.set(key, { ...series, ...exemplar });
    }
    for (const key of this.#exemplars.keys()) {
      if (this.#exemplars.size <= MAX_EXEMPLARS) break;
      this.#exemplars.delete(key);
    }
  }

  read(): StoredExemplar[] {
    return [...this.#exemplars.values()];
  }

  forget(version: string): void {
    for (const [key, exemplar] of this.#exemplars) if (exemplar.version === version) this.#exemplars.delete(key);
  }
}
