import { countAnswers, isLatencyKnown } from "./answers.ts";
import { type BlockPair, type Observed, pairBlocks, selectCalm } from "./block-pair.ts";
import { findBreakdown } from "./breakdown.ts";
import { compareErrors, findOutage } from "./errors.ts";
import { ACCEPT_UP_TO, LAST_ACCEPT_UP_TO, REJECT_FROM } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import { IDLE_PEER_LIMITS, MIN_SAMPLES, PEER_LIMITS } from "./limits.ts";
import { compareMedians } from "./median.ts";
import { compareTails } from "./tail.ts";
import { MAX_EXTENSION, type Phase } from "./window.ts";

/** What to do with the new version; the reasons are sentences with numbers. */
export type Verdict =
  /** Go on watching. */
  | { readonly kind: "undecided" }
  /** The time is over, and the new version is as good as the old one. */
  | { readonly kind: "healthy"; readonly reasons: readonly string[] }
  /** It is worse than the old one beyond chance and weather; or, when there is no more time, nothing says that it is sound. */
  | { readonly kind: "unhealthy"; readonly reasons: readonly string[] }
  /** The time is over and there is nothing to decide by. */
  | { readonly kind: "too-few-samples"; readonly reasons: readonly string[] };

/** `settled`: it was found sound, and is watched on for another reason. Looking again and again would be one more way to err, so only a breakdown counts. */
export type ProbesPhase = Phase | "settled";

export interface Window {
  readonly phase: ProbesPhase;
  /** Whether the old version has no users any more, only probes. */
  readonly isPeerIdle: boolean;
  /** What was seen before the new version had users, if anybody looked: it may speak against it, but not for it. */
  readonly before?: Observed | undefined;
}

/**
 * Decides about the new version by its own errors and latency beside the old one's, second by second. It may be asked at
 * any time, and often: the tests account for looking again and again. A bad version is told as soon as the evidence is
 * strong, a good one when the time is over, and in between more time is asked for.
 */
export function judge(observed: Observed, window: Window): Verdict {
  const { phase } = window;
  const pairs = pairBlocks(observed);
  const breakdown = findBreakdown(pairs);
  if (breakdown !== null) return { kind: "unhealthy", reasons: [breakdown] };
  if (phase === "settled") return { kind: "undecided" };
  const calm = selectCalm(pairs);
  const findings = compare(calm, window);
  const faults = findFaults(findings) ?? findFaults(compareWithBefore(calm, window)) ?? [];
  if (faults.length > 0) return { kind: "unhealthy", reasons: faults.map((fault) => fault.describe()) };
  return phase === "open" ? { kind: "undecided" } : conclude(calm, findings, phase);
}

/** Those that are beyond doubt; null when there is none. */
function findFaults(findings: readonly Finding[]): readonly Finding[] | null {
  const faults = findings.filter(({ evidence }) => evidence >= REJECT_FROM);
  return faults.length > 0 ? faults : null;
}

/** A tail is not known before the end. */
function compare(calm: readonly BlockPair[], { phase, isPeerIdle }: Window): readonly Finding[] {
  const limits = isPeerIdle ? IDLE_PEER_LIMITS : PEER_LIMITS;
  const errors = compareErrors(calm, limits);
  if (!isLatencyKnown(countAnswers(calm))) return [errors];
  return [errors, compareMedians(calm, limits), ...(phase === "open" ? [] : [compareTails(calm, limits)])];
}

function compareWithBefore(calm: readonly BlockPair[], window: Window): readonly Finding[] {
  return window.before === undefined ? [] : compare([...selectCalm(pairBlocks(window.before)), ...calm], window);
}

/** When the time is over and nothing speaks clearly against the new version. */
function conclude(calm: readonly BlockPair[], findings: readonly Finding[], phase: "due" | "last"): Verdict {
  const isLast = phase === "last";
  const outage = findOutage(calm);
  if (outage !== null) return isLast ? { kind: "unhealthy", reasons: [outage] } : { kind: "undecided" };
  const answers = countAnswers(calm);
  if (!isLatencyKnown(answers)) {
    const mayGetEnough = Math.min(answers.candidate, answers.baseline) * MAX_EXTENSION >= MIN_SAMPLES;
    return mayGetEnough && !isLast ? { kind: "undecided" } : { kind: "too-few-samples", reasons: describeFew(calm) };
  }
  const doubts = findings.filter(({ evidence }) => evidence > (isLast ? LAST_ACCEPT_UP_TO : ACCEPT_UP_TO));
  if (doubts.length === 0) return { kind: "healthy", reasons: findings.map((finding) => finding.describe()) };
  if (!isLast) return { kind: "undecided" };
  return { kind: "unhealthy", reasons: doubts.map((doubt) => `still in doubt in the end: ${doubt.describe()}`) };
}

function describeFew(calm: readonly BlockPair[]): readonly string[] {
  const { candidate, baseline } = countAnswers(calm);
  return [
    `${candidate} right answers of the new version and ${baseline} of the old one were measured outside of stalls; a decision needs ${MIN_SAMPLES} of each`,
  ];
}
