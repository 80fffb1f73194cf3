import { BUCKET_BOUNDS_MS } from "../../src/observability/metrics-batch.ts";
import { CATALOGUE, type Family } from "./catalogue.ts";
import type { Totals } from "./merge.ts";
import type { StoredHistogram } from "./stored.ts";

/** One line of the exposition. */
export interface Sample {
  readonly suffix: "" | "_total" | "_bucket" | "_sum" | "_count";
  /** Names and values. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  /** One of the measurements that a bucket counts. */
  readonly exemplar?: SampleExemplar;
}

export interface SampleExemplar {
  readonly traceId: string;
  readonly seconds: number;
  /** Seconds since 1970. */
  readonly at: number;
}

export interface FamilySamples {
  readonly family: Family;
  readonly samples: readonly Sample[];
}

/** Every family of the catalogue with its samples; those that need no label are there from the start, at 0. */
export function collectSamples({ histograms, counters, tags, breakers }: Totals): FamilySamples[] {
  const requests = histograms.filter(({ name }) => name === "http_request").map(withVersion(tags));
  const queries = histograms.filter(({ name }) => name === "db_query");
  const counterOf = (family: Family): FamilySamples => {
    const own = counters.filter(({ name }) => name === `${family.name}_total`);
    const found = own.length === 0 && family.labels.length === 0 ? [{ labels: [], value: 0 }] : own;
    return { family, samples: found.map(({ labels, value }) => sample(family, "_total", labels, value)) };
  };
  const { requests: answered, requestDurations, queryDurations, breakerState } = CATALOGUE;
  return [
    { family: answered, samples: requests.map((one) => sample(answered, "_total", one.labels, countOf(one))) },
    { family: requestDurations, samples: requests.flatMap((one) => histogramSamples(requestDurations, one)) },
    { family: queryDurations, samples: queries.flatMap((one) => histogramSamples(queryDurations, one)) },
    counterOf(CATALOGUE.queryErrors),
    counterOf(CATALOGUE.retries),
    counterOf(CATALOGUE.breakerTransitions),
    {
      family: breakerState,
      samples: [...breakers].map(([state, isolates]) => sample(breakerState, "", [state], isolates)),
    },
    counterOf(CATALOGUE.shed),
    counterOf(CATALOGUE.lost),
  ];
}

function withVersion(tags: ReadonlyMap<string, string>) {
  return ({ labels, version, ...durations }: StoredHistogram): StoredHistogram => ({
    ...durations,
    version,
    labels: [...labels, version, tags.get(version) ?? ""],
  });
}

const countOf = ({ buckets }: StoredHistogram): number => buckets.reduce((sum, count) => sum + count, 0);

function sample(family: Family, suffix: Sample["suffix"], values: readonly string[], value: number): Sample {
  return { suffix, labels: family.labels.map((name, index) => [name, values[index] ?? ""] as const), value };
}

/** Buckets are cumulative outside: each counts what is at most its bound. */
function histogramSamples(family: Family, histogram: StoredHistogram): Sample[] {
  let sum = 0;
  const buckets = histogram.buckets.map((count, index): Sample => {
    sum += count;
    const { labels } = sample(family, "_bucket", histogram.labels, sum);
    const le = ["le", formatBound(BUCKET_BOUNDS_MS[index])] as const;
    return { suffix: "_bucket", labels: [...labels, le], value: sum, ...exemplarOf(histogram, index) };
  });
  return [
    ...buckets,
    sample(family, "_sum", histogram.labels, histogram.sumMs / 1_000),
    sample(family, "_count", histogram.labels, sum),
  ];
}

function exemplarOf({ exemplars = [] }: StoredHistogram, bucket: number): Pick<Sample, "exemplar"> {
  const found = exemplars.find((exemplar) => exemplar.bucket === bucket);
  if (found === undefined) return {};
  return { exemplar: { traceId: found.traceId, seconds: found.durationMs / 1_000, at: found.at / 1_000 } };
}

/** Seconds, as OpenMetrics wants them (`1.0`) and Prometheus keeps them from either format, so that both give the same series. */
function formatBound(boundMs: number | undefined): string {
  if (boundMs === undefined) return "+Inf";
  const seconds = String(boundMs / 1_000);
  return seconds.includes(".") ? seconds : `${seconds}.0`;
}
