import type { Sample } from "./exposition.ts";
import { parseValue } from "./exposition.ts";
import { increases } from "./increases.ts";
import { type Bucket, histogramQuantile } from "./quantile.ts";

/** Metrics at one moment, in milliseconds of a clock that only goes forward. */
export interface Scrape {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

/** Requests or round trips of one kind, between two scrapes. Shares are from 0 to 1, durations in seconds, null without any. */
export interface Row {
  readonly name: string;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface RequestRow extends Row {
  readonly serverErrors: number;
  /** 4xx other than 429. */
  readonly clientErrors: number;
  readonly rateLimited: number;
}

/** What happened between two scrapes. */
export interface Summary {
  /** Length of the time between them. */
  readonly seconds: number;
  /** Requests since counting began. */
  readonly counted: number;
  readonly total: RequestRow;
  /** Those with requests, the busiest first; and so on. */
  readonly routes: readonly RequestRow[];
  readonly versions: readonly RequestRow[];
  readonly statements: readonly Row[];
  /** Isolates by what their breakers last said. */
  readonly breakers: { readonly open: number; readonly halfOpen: number };
  /** How often each happened. */
  readonly events: {
    readonly breakersOpened: number;
    readonly loadShed: number;
    readonly databaseErrors: number;
    readonly databaseRetries: number;
    readonly measurementsLost: number;
  };
}

/** Compares two scrapes, the earlier first. */
export function summarise(before: Scrape, after: Scrape): Summary {
  const seconds = Math.max(after.atMs - before.atMs, 1) / 1_000;
  const samples = increases(before.samples, after.samples);
  const requests = ofHistogram(samples, "http_request_duration_seconds");
  const requestRows = (nameOf: NameOf): RequestRow[] => toRows(requests, nameOf, seconds).map((row) => withShares(row));
  const [total = withShares(emptyRow())] = requestRows(() => "all");
  const happened = (name: string, labels: Readonly<Record<string, string>> = {}) => sumOf(samples, name, labels);
  const breakersIn = (state: string) => sumOf(after.samples, "circuit_breaker_state", { state });
  return {
    seconds,
    counted: sumOf(after.samples, "http_requests_total"),
    total,
    routes: requestRows(({ method = "", route = "" }) => `${method} ${route}`),
    versions: requestRows(nameOfVersion),
    statements: toRows(
      ofHistogram(samples, "db_query_duration_seconds"),
      ({ statement = "" }) => statement,
      seconds,
    ).map(({ samples: _samples, ...row }) => row),
    breakers: { open: breakersIn("open"), halfOpen: breakersIn("half-open") },
    events: {
      breakersOpened: happened("circuit_breaker_transitions_total", { to: "open" }),
      loadShed: happened("load_shedding_refused_total"),
      databaseErrors: happened("db_errors_total"),
      databaseRetries: happened("db_retries_total"),
      measurementsLost: happened("telemetry_lost_measurements_total"),
    },
  };
}

type NameOf = (labels: Readonly<Record<string, string>>) => string;
type RowWithSamples = Row & { readonly samples: readonly Sample[] };

const emptyRow = (): RowWithSamples => ({ name: "all", perSecond: 0, p50: null, p95: null, p99: null, samples: [] });

const ofHistogram = (samples: readonly Sample[], family: string): Sample[] =>
  samples.filter(({ name }) => name === `${family}_bucket` || name === `${family}_count`);

const nameOfVersion: NameOf = ({ version_id: id = "", version_tag: tag = "" }) => (tag === "" ? id : `${tag} ${id}`);

/** One row for each name that was asked for, the busiest first. */
function toRows(samples: readonly Sample[], nameOf: NameOf, seconds: number): RowWithSamples[] {
  return [...Map.groupBy(samples, ({ labels }) => nameOf(labels))]
    .map(([name, own]): RowWithSamples => {
      const buckets = toBuckets(own);
      const [p50 = null, p95 = null, p99 = null] = [0.5, 0.95, 0.99].map((share) => histogramQuantile(share, buckets));
      return { name, perSecond: countOf(own) / seconds, p50, p95, p99, samples: own };
    })
    .filter(({ perSecond }) => perSecond > 0)
    .toSorted((a, b) => b.perSecond - a.perSecond || (a.name < b.name ? -1 : 1));
}

function toBuckets(samples: readonly Sample[]): Bucket[] {
  const groups = Map.groupBy(samples, ({ labels }) => labels["le"]);
  return [...groups].flatMap(([bound, own]) =>
    bound === undefined ? [] : [{ bound: parseValue(bound), count: own.reduce((sum, { value }) => sum + value, 0) }],
  );
}

function withShares({ samples, ...row }: RowWithSamples): RequestRow {
  const all = countOf(samples);
  const share = (matches: (status: string) => boolean): number =>
    all === 0 ? 0 : countOf(samples.filter(({ labels }) => matches(labels["status"] ?? ""))) / all;
  return {
    ...row,
    serverErrors: share((status) => status.startsWith("5")),
    clientErrors: share((status) => status.startsWith("4") && status !== "429"),
    rateLimited: share((status) => status === "429"),
  };
}

const countOf = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { name, value }) => (name.endsWith("_count") ? sum + value : sum), 0);

function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
