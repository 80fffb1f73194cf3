import type { SourceName } from "../stage-failure.ts";
import type { Verdict } from "./judge.ts";
import type { MetricsVerdict } from "./metrics/judge-metrics.ts";

/** A verdict of both sources. */
export type Decision = Verdict & {
  /** Those that speak against the new version. */
  readonly foundBy: readonly SourceName[];
};

/**
 * One verdict of two sources: either may speak against the new version, and both have to be content with it.
 * @param metrics null when there are none to judge by
 */
export function decide(probes: Verdict, metrics: MetricsVerdict | null): Decision {
  const foundBy: readonly SourceName[] = [
    ...(probes.kind === "unhealthy" || probes.kind === "too-few-samples" ? (["probes"] as const) : []),
    ...(metrics?.kind === "unhealthy" ? (["metrics"] as const) : []),
  ];
  if (metrics === null) return { ...probes, foundBy };
  const told = metrics.reasons.map((reason) => `real traffic: ${reason}`);
  const before = probes.kind === "undecided" ? [] : probes.reasons;
  if (foundBy.includes("metrics"))
    return { kind: "unhealthy", reasons: foundBy.length > 1 ? [...before, ...told] : told, foundBy };
  if (probes.kind !== "healthy") return { ...probes, foundBy };
  return metrics.kind === "waiting"
    ? { kind: "undecided", foundBy }
    : { kind: "healthy", reasons: [...before, ...told], foundBy };
}
