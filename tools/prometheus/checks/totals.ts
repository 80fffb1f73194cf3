import { query, type QueriedSample } from "../monitoring/query.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";
import { compareCounts, type Counted, type Difference, keyOf, LABELS, type Ledger } from "../traffic/ledger.ts";

/** What differs between Prometheus's totals and the client's, series by series; null when nothing does. */
export async function findDifference(monitoring: Monitoring, { counts }: Ledger): Promise<Difference | null> {
  for (const name of ["http_requests_total", "http_request_duration_seconds_count"]) {
    const found = toCounts(await query(monitoring, name));
    const difference = compareCounts(counts, found);
    if (difference !== null)
      return { ...difference, lines: [`${name}: ${sum(found)} of ${sum(counts)}`, ...difference.lines] };
  }
  return null;
}

/** @throws when two series differ in nothing that is counted by */
function toCounts(samples: readonly QueriedSample[]): Map<string, number> {
  const counts = new Map(samples.map(({ labels, value }) => [keyOf(toCounted(labels)), value]));
  if (counts.size !== samples.length) throw new Error("some series have the same labels");
  return counts;
}

/** Prometheus leaves out a label that is empty. */
function toCounted(labels: Readonly<Record<string, string>>): Counted {
  const [method = "", route = "", status = "", version_id = "", version_tag = ""] = LABELS.map(
    (label) => labels[label],
  );
  return { method, route, status, version_id, version_tag };
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);
