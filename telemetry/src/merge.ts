import type { BreakerReport, SeriesKey, ShardState, StoredCounter, StoredExemplar, StoredHistogram } from "./stored.ts";

/** What all shards have counted together. */
export interface Totals {
  readonly histograms: readonly StoredHistogram[];
  readonly counters: readonly StoredCounter[];
  /** Tags by the ids of the versions. */
  readonly tags: ReadonlyMap<string, string>;
  /** How many isolates are in which state. */
  readonly breakers: ReadonlyMap<string, number>;
  /** Versions that no shard has heard of for `KEEP_VERSION_MS`: left out here, and to be forgotten. */
  readonly expired: readonly string[];
}

/**
 * A version that sends nothing for so long is gone. Were each shard to forget it by itself, the sum would fall by parts, and Prometheus
 * would take each step for a restart; so it is left out of the sum at once, and forgotten afterwards.
 */
export const KEEP_VERSION_MS = 30 * 24 * 60 * 60_000;

/** Sums up, series by series; `now` in milliseconds since 1970. */
export function mergeShards(states: readonly ShardState[], now: number): Totals {
  const seenAt = new Map<string, number>();
  const tags = new Map<string, string>();
  for (const version of states.flatMap(({ versions }) => versions)) {
    tags.set(version.id, version.tag);
    seenAt.set(version.id, Math.max(version.seenAt, seenAt.get(version.id) ?? 0));
  }
  const expired = [...seenAt].filter(([, at]) => now - at > KEEP_VERSION_MS).map(([id]) => id);
  return {
    histograms: withExemplars(
      sumHistograms(states.flatMap(({ histograms }) => histograms)).filter(({ version }) => !expired.includes(version)),
      states.flatMap(({ exemplars = [] }) => exemplars),
    ),
    counters: sumCounters(states.flatMap(({ counters }) => counters)),
    tags,
    breakers: countBreakers(states.flatMap(({ breakers }) => breakers)),
    expired,
  };
}

const seriesOf = ({ name, labels, version }: SeriesKey): string => JSON.stringify([name, ...labels, version]);

/** Gives each series the last exemplar of each of its buckets. */
function withExemplars(
  histograms: readonly StoredHistogram[],
  exemplars: readonly StoredExemplar[],
): StoredHistogram[] {
  const groups = Map.groupBy(exemplars, seriesOf);
  return histograms.map((histogram) => {
    const inTime = (groups.get(seriesOf(histogram)) ?? []).toSorted((a, b) => a.at - b.at);
    return { ...histogram, exemplars: [...new Map(inTime.map((one) => [one.bucket, one])).values()] };
  });
}

function sumHistograms(histograms: readonly StoredHistogram[]): StoredHistogram[] {
  const groups = Map.groupBy(histograms, seriesOf);
  return inOrder(groups).map((group) =>
    group.reduce((sum, histogram) => ({
      ...sum,
      sumMs: sum.sumMs + histogram.sumMs,
      buckets: sum.buckets.map((count, index) => count + (histogram.buckets[index] ?? 0)),
    })),
  );
}

function sumCounters(counters: readonly StoredCounter[]): StoredCounter[] {
  const groups = Map.groupBy(counters, ({ name, labels }) => JSON.stringify([name, ...labels]));
  return inOrder(groups).map((group) => group.reduce((sum, { value }) => ({ ...sum, value: sum.value + value })));
}

/** The same order in each answer, whichever shard a series came to first: it compresses, and people can compare. */
function inOrder<Item>(groups: ReadonlyMap<string, readonly Item[]>): (readonly Item[])[] {
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** The last word of each isolate counts: its batches come to different shards. */
function countBreakers(reports: readonly BreakerReport[]): ReadonlyMap<string, number> {
  const last = new Map<string, BreakerReport>();
  for (const report of reports) {
    if (report.at >= (last.get(report.isolate)?.at ?? 0)) last.set(report.isolate, report);
  }
  const counts = new Map([
    ["half-open", 0],
    ["open", 0],
  ]);
  for (const { state } of last.values()) {
    const count = counts.get(state);
    if (count !== undefined) counts.set(state, count + 1);
  }
  return counts;
}
