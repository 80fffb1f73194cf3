import type { Comparison, Measurement } from "../measure/measurement.ts";
import { compareErrors, findOutage } from "./errors.ts";
import { compareLatency, isLatencyKnown } from "./latency.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";

export { DEFAULT_LIMITS, type Limits };

/** What to do with the new version; the reasons are sentences with numbers. */
export type Verdict =
  /** Go on watching. */
  | { readonly kind: "undecided" }
  /** The time is over and nothing speaks against the new version. */
  | { readonly kind: "healthy"; readonly reasons: readonly string[] }
  /** It is worse than the old one beyond chance; or, when the time is over, both fail and nothing should be released. */
  | { readonly kind: "unhealthy"; readonly reasons: readonly string[] }
  /** The time is over and there is nothing to decide by. */
  | { readonly kind: "too-few-samples"; readonly reasons: readonly string[] };

/**
 * Decides about the new version by its own errors and latency beside the old one's. It may be asked at any time, and
 * often: the limits account for looking again and again. A bad version is told as soon as the evidence is strong, a good
 * one when the time is over.
 */
export function judge(
  comparison: Comparison,
  window: { readonly isOver: boolean },
  limits: Limits = DEFAULT_LIMITS,
): Verdict {
  const missing = describeMissing(comparison, limits);
  if (missing.length > 0) return window.isOver ? { kind: "too-few-samples", reasons: missing } : { kind: "undecided" };
  const findings = [compareErrors(comparison, window.isOver, limits), ...compareLatency(comparison, limits)];
  const faults = findings.filter(({ isBad }) => isBad);
  if (faults.length > 0) return { kind: "unhealthy", reasons: faults.map(({ sentence }) => sentence) };
  if (!window.isOver) return { kind: "undecided" };
  const outage = findOutage(comparison, limits);
  if (outage.isBad) return { kind: "unhealthy", reasons: [outage.sentence] };
  const reasons = findings.map(({ sentence }) => sentence);
  // An old version that fails every request leaves nothing to compare with.
  return isLatencyKnown(comparison) ? { kind: "healthy", reasons } : { kind: "too-few-samples", reasons };
}

function describeMissing({ candidate, baseline }: Comparison, { minSamples }: Limits): readonly string[] {
  const versions: readonly (readonly [string, Measurement])[] = [
    ["new", candidate],
    ["old", baseline],
  ];
  return versions
    .filter(([, { samples }]) => samples < minSamples)
    .map(
      ([name, { samples, errors }]) =>
        `${samples} requests of the ${name} version were measured, ${errors} of them failed; a decision needs ${minSamples}`,
    );
}
