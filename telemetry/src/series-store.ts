import { BUCKET_BOUNDS_MS, type Durations, type MetricsBatch } from "../../src/observability/metrics-batch.ts";
import type { ExemplarStore } from "./exemplar-store.ts";
import { createKnownValues } from "./known-values.ts";
import type { SeriesKey, StoredHistogram, StoredSeries } from "./stored.ts";
import { admitBreakerState, admitMethod, admitStatus, admitValue, type KnownValues } from "./vocabulary.ts";

/** A row per histogram, not per bucket: rows that are written are what telemetry costs. */
const BUCKETS = Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, (_, index) => `bucket_${index}`);

const CREATE_HISTOGRAMS = `CREATE TABLE IF NOT EXISTS histograms (name TEXT, labels TEXT, version TEXT,
  sum_ms INTEGER NOT NULL, ${BUCKETS.map((bucket) => `${bucket} INTEGER NOT NULL`).join(", ")},
  PRIMARY KEY (name, labels, version)) WITHOUT ROWID`;

const ADD_HISTOGRAM = `INSERT INTO histograms VALUES (?, ?, ?, ?, ${BUCKETS.map(() => "?").join(", ")})
  ON CONFLICT DO UPDATE SET sum_ms = sum_ms + excluded.sum_ms,
  ${BUCKETS.map((bucket) => `${bucket} = ${bucket} + excluded.${bucket}`).join(", ")}`;

const CREATE_COUNTERS = `CREATE TABLE IF NOT EXISTS counters
  (name TEXT, labels TEXT, value INTEGER NOT NULL, PRIMARY KEY (name, labels)) WITHOUT ROWID`;

const ADD_COUNTER = `INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value`;

/** What makes a label's value one that we know, in the order of the labels of each counter. */
const ADMIT_LABELS: Readonly<Record<string, readonly ((known: KnownValues, value: string) => string)[]>> = {
  db_errors_total: [(known, value) => admitValue(known, "kind", value)],
  db_retries_total: [(known, value) => admitValue(known, "statement", value)],
  circuit_breaker_transitions_total: [
    (_known, value) => admitBreakerState(value),
    (_known, value) => admitBreakerState(value),
  ],
  load_shedding_refused_total: [],
  telemetry_lost_measurements_total: [(known, value) => admitValue(known, "reason", value)],
};

/** The counts themselves, each series a row. */
export class SeriesStore {
  readonly known: KnownValues;
  readonly #sql: SqlStorage;
  readonly #exemplars: ExemplarStore;

  constructor(sql: SqlStorage, exemplars: ExemplarStore) {
    this.#sql = sql;
    this.#exemplars = exemplars;
    this.known = createKnownValues(sql);
    sql.exec(CREATE_HISTOGRAMS);
    sql.exec(CREATE_COUNTERS);
  }

  add({ requests, statements, counters }: MetricsBatch, version: string): void {
    const { known } = this;
    for (const request of requests) {
      const { method, route, status } = request;
      const labels = [admitMethod(method), admitValue(known, "route", route), admitStatus(status)];
      this.#addHistogram({ name: "http_request", labels, version }, request);
    }
    for (const query of statements) {
      const labels = [admitValue(known, "statement", query.statement)];
      this.#addHistogram({ name: "db_query", labels, version: "" }, query);
    }
    for (const { name, labels, value } of counters) {
      const admitted = ADMIT_LABELS[name]?.map((admit, index) => admit(known, labels[index] ?? ""));
      this.#sql.exec(ADD_COUNTER, name, JSON.stringify(admitted ?? []), value);
    }
  }

  read(): StoredSeries {
    return {
      histograms: [...this.#sql.exec("SELECT * FROM histograms").raw()].map(readHistogram),
      counters: [
        ...this.#sql.exec<{ name: string; labels: string; value: number }>("SELECT name, labels, value FROM counters"),
      ].map(({ labels, ...counter }) => ({ ...counter, labels: readLabels(labels) })),
    };
  }

  forget(version: string): void {
    this.#sql.exec("DELETE FROM histograms WHERE version = ?", version);
    this.#sql.exec("DELETE FROM known_values WHERE label = 'version' AND value = ?", version);
    this.#exemplars.forget(version);
  }

  #addHistogram(series: SeriesKey, durations: Durations): void {
    const { name, labels, version } = series;
    this.#sql.exec(ADD_HISTOGRAM, name, JSON.stringify(labels), version, durations.sumMs, ...durations.buckets);
    this.#exemplars.note(series, durations);
  }
}

function readHistogram([name, labels, version, sumMs, ...buckets]: readonly SqlStorageValue[]): StoredHistogram {
  return {
    name: name === "db_query" ? name : "http_request",
    labels: readLabels(labels),
    version: typeof version === "string" ? version : "",
    sumMs: Number(sumMs),
    buckets: buckets.map(Number),
  };
}

function readLabels(text: SqlStorageValue | undefined): string[] {
  const labels: unknown = typeof text === "string" ? JSON.parse(text) : null;
  return Array.isArray(labels) ? labels.map(String) : [];
}
