import type { MetricsObservation } from "../../metrics/observation.ts";
import { IDLE_PEER_LIMITS, PEER_LIMITS } from "../limits.ts";
import type { Phase } from "../window.ts";
import { type MetricsBlock, toBlocks } from "./blocks.ts";
import { findMetricsBreakdown } from "./breakdown.ts";
import { compareFailures, compareRefusals, type MetricsFinding } from "./failures.ts";
import { compareLatencies } from "./latency.ts";
import { DOUBT_FROM, RAREST } from "./limits.ts";
import { countRequests, describePower, neededAt } from "./power.ts";

/** What all requests say of the new version. */
export interface MetricsVerdict {
  /** `waiting`: nothing speaks against it, but the time is too short to say more. */
  readonly kind: "unhealthy" | "waiting" | "healthy";
  /** Sentences with numbers. */
  readonly reasons: readonly string[];
}

export interface MetricsWindow {
  readonly phase: Phase;
  readonly isPeerIdle: boolean;
  /** Share of the longest time that the step may last which is over, from 0 to 1. */
  readonly passedShare: number;
  /** Share of requests that the rarest fault meets that is to be found. */
  readonly rarest?: number;
  /** Ticks of the observation that were there before this step. */
  readonly before: number;
}

/** Decides by what all requests met since the first step began; it may be asked at any time, and often. */
export function judgeMetrics(
  { ticks, boundsMs }: Pick<MetricsObservation, "ticks" | "boundsMs">,
  window: MetricsWindow,
): MetricsVerdict {
  const breakdown = findMetricsBreakdown(ticks);
  if (breakdown !== null) return { kind: "unhealthy", reasons: [breakdown] };
  const blocks = toBlocks(ticks);
  const limits = window.isPeerIdle ? IDLE_PEER_LIMITS : PEER_LIMITS;
  const findings = [
    ...compareFailures(blocks),
    ...compareRefusals(blocks),
    ...compareLatencies(blocks, boundsMs, limits),
  ];
  const faults = findings.filter(({ evidence, rejectFrom }) => evidence >= rejectFrom);
  if (faults.length > 0) return { kind: "unhealthy", reasons: faults.map((fault) => fault.describe()) };
  const inStep = countRequests(ticks.slice(window.before));
  return conclude(blocks, findings, { ...window, inStep });
}

interface Seen extends MetricsWindow {
  /** Requests of the new version in this step. */
  readonly inStep: number;
}

function conclude(blocks: readonly MetricsBlock[], findings: readonly MetricsFinding[], window: Seen): MetricsVerdict {
  const { phase, rarest = RAREST } = window;
  if (phase === "open") return { kind: "waiting", reasons: [] };
  const doubts = findings.filter(({ evidence }) => evidence > DOUBT_FROM);
  const seen = countRequests(blocks);
  const needed = neededAt(rarest, blocks);
  const waits = { kind: "waiting" } as const;
  if (phase === "due" && doubts.length > 0)
    return { ...waits, reasons: doubts.map((doubt) => `in doubt: ${doubt.describe()}`) };
  if (phase === "due" && seen < needed && isReachable(seen, needed, window))
    return { ...waits, reasons: [`${describePower(seen, needed, rarest)}`] };
  const doubted = doubts.map((doubt) => `suspicious, but not proved: ${doubt.describe()}`);
  return { kind: "healthy", reasons: [describePower(seen, needed, rarest), ...doubted] };
}

/** Whether so many will have come by the end of the longest time, if they come as in this step so far. */
function isReachable(seen: number, needed: number, { passedShare, inStep }: Seen): boolean {
  return passedShare > 0 && seen - inStep + inStep / passedShare >= needed;
}
