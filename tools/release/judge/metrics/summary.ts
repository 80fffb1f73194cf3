import type { MetricsObservation, RouteCounts } from "../../metrics/observation.ts";
import type { MetricsSummary, RouteSummary, RouteTotals } from "../../report/report.ts";
import { IDLE_PEER_LIMITS, PEER_LIMITS } from "../limits.ts";
import { routesOf, sumTicks, toBlocks } from "./blocks.ts";
import { compareFailures, compareRefusals, type MetricsFinding } from "./failures.ts";
import { compareLatencies } from "./latency.ts";

type Told = Pick<MetricsObservation, "ticks" | "boundsMs">;

/** The evidence of each route, for the report. */
export function summarizeMetrics(
  { ticks, boundsMs }: Told,
  isPeerIdle: boolean,
  unavailable: string | null,
): MetricsSummary {
  const blocks = toBlocks(ticks);
  const failed = compareFailures(blocks);
  const refused = compareRefusals(blocks);
  const slow = compareLatencies(blocks, boundsMs, isPeerIdle ? IDLE_PEER_LIMITS : PEER_LIMITS);
  const sum = sumTicks(ticks);
  const routes = routesOf([sum]).map((route): RouteSummary => {
    const evidence = { failed: shareOf(failed, route), refused: shareOf(refused, route), slow: shareOf(slow, route) };
    const totals = (side: "candidate" | "baseline"): RouteTotals => totalsOf(sum[side].get(route), boundsMs);
    return { route, candidate: totals("candidate"), baseline: totals("baseline"), evidence };
  });
  return { unavailable, routes };
}

/** Of what is needed to reject, in hundredths; negative when it speaks for the version. */
function shareOf(findings: readonly MetricsFinding[], route: string): number {
  const { evidence = 0, rejectFrom = 1 } = findings.find(({ name }) => name === route) ?? {};
  return Math.round((evidence / rejectFrom) * 100) / 100;
}

function totalsOf(counts: RouteCounts | undefined, boundsMs: readonly number[]): RouteTotals {
  const { requests = 0, failed = 0, refused = 0, buckets = [] } = counts ?? {};
  return { requests, failed, refused, p95AtMostMs: boundOf(buckets, boundsMs) };
}

const MOST = 0.95;

function boundOf(buckets: readonly number[], boundsMs: readonly number[]): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let sum = 0;
  const place = buckets.findIndex((count) => (sum += count) >= MOST * total);
  return boundsMs[place] ?? null;
}
