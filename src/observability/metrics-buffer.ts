import {
  BUCKET_BOUNDS_MS,
  KNOWN_METHODS,
  OTHER,
  type CounterIncrease,
  type CounterName,
  type Durations,
  type Exemplar,
  type MetricsBatch,
} from "./metrics-batch.ts";

/** What a batch says of measurements, without saying whose they are. */
export type Measurements = Pick<MetricsBatch, "requests" | "statements" | "counters">;

interface Histogram {
  sumMs: number;
  readonly buckets: number[];
  /** By bucket; the slowest of it since the last batch, where one is known. */
  readonly exemplars: (Exemplar | undefined)[];
}

/** Series that one buffer tells apart. Routes, statements and statuses are ours and few: it is reached by a mistake only. */
const MAX_SERIES = 1_000;

/** In one batch, of some 80 bytes each. A series that has none now may have one in the next. */
export const MAX_EXEMPLARS = 100;

/** A status has three digits, and a method one place of the list; together they make one key. */
const METHOD_PLACES = 8;

/**
 * Counts what one isolate measures. It adds up at once, so that it grows with the number of series and never with that of
 * requests: however long nobody takes it away, it loses nothing.
 */
export class MetricsBuffer {
  /** By route, then by status and method: two lookups without making a text. */
  #requests = new Map<string, Map<number, Histogram>>();
  #statements = new Map<string, Histogram>();
  #counters = new Map<string, { readonly name: CounterName; readonly labels: readonly string[]; value: number }>();
  #series = 0;
  #measurements = 0;
  #exemplars = 0;

  /** Measurements since it was last taken. */
  get size(): number {
    return this.#measurements;
  }

  /** `route` is null where no template matched, `traceId` where the trace leads to no line of the log; `at` in milliseconds since 1970. */
  addRequest(
    method: string,
    route: string | null,
    status: number,
    durationMs: number,
    traceId: string | null = null,
    at = 0,
  ): void {
    const name = route ?? OTHER;
    let byKind = this.#requests.get(name);
    if (byKind === undefined) this.#requests.set(name, (byKind = new Map()));
    // What is not in the list is at -1, which leaves the first place to `other`.
    const kind = status * METHOD_PLACES + KNOWN_METHODS.findIndex((known) => known === method) + 1;
    const histogram = byKind.get(kind) ?? this.#open(byKind, kind);
    if (histogram !== null) this.#observe(histogram, durationMs, traceId, at);
  }

  addStatement(statement: string, durationMs: number, traceId: string | null = null, at = 0): void {
    const histogram = this.#statements.get(statement) ?? this.#open(this.#statements, statement);
    if (histogram !== null) this.#observe(histogram, durationMs, traceId, at);
  }

  count(name: CounterName, labels: readonly string[], value = 1): void {
    const key = `${name} ${labels.join(" ")}`;
    const counter = this.#counters.get(key);
    this.#measurements += 1;
    if (counter === undefined) this.#counters.set(key, { name, labels, value });
    else counter.value += value;
  }

  /** Gives everything, and begins anew. */
  take(): Measurements {
    const requests = [...this.#requests].flatMap(([route, byKind]) =>
      [...byKind].map(([kind, histogram]) => ({
        method: KNOWN_METHODS[(kind % METHOD_PLACES) - 1] ?? OTHER,
        route,
        status: Math.floor(kind / METHOD_PLACES),
        ...toDurations(histogram),
      })),
    );
    const statements = [...this.#statements].map(([statement, histogram]) => ({
      statement,
      ...toDurations(histogram),
    }));
    const counters: CounterIncrease[] = [...this.#counters.values()];
    this.#requests = new Map();
    this.#statements = new Map();
    this.#counters = new Map();
    this.#series = 0;
    this.#measurements = 0;
    this.#exemplars = 0;
    return { requests, statements, counters };
  }

  #open<Key>(histograms: Map<Key, Histogram>, key: Key): Histogram | null {
    if (this.#series >= MAX_SERIES) {
      this.count("telemetry_lost_measurements_total", ["too-many-series"]);
      return null;
    }
    this.#series += 1;
    const buckets = Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, () => 0);
    const histogram: Histogram = { sumMs: 0, buckets, exemplars: [] };
    histograms.set(key, histogram);
    return histogram;
  }

  /** Whole milliseconds, as the platform's clock tells them; one that was set back meanwhile took none. */
  #observe(histogram: Histogram, durationMs: number, traceId: string | null, at: number): void {
    const wholeMs = durationMs > 0 ? Math.round(durationMs) : 0;
    let bucket = 0;
    while (wholeMs > (BUCKET_BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    histogram.sumMs += wholeMs;
    histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
    this.#measurements += 1;
    if (traceId === null) return;
    const known = histogram.exemplars[bucket];
    if (known === undefined ? this.#exemplars >= MAX_EXEMPLARS : known.durationMs >= wholeMs) return;
    if (known === undefined) this.#exemplars += 1;
    histogram.exemplars[bucket] = { bucket, traceId, durationMs: wholeMs, at };
  }
}

function toDurations({ sumMs, buckets, exemplars }: Histogram): Durations {
  const found = exemplars.filter((exemplar) => exemplar !== undefined);
  return found.length === 0 ? { sumMs, buckets } : { sumMs, buckets, exemplars: found };
}
