import type { SourceName } from "../stage-failure.ts";
import type { ProbesPhase, Verdict } from "./judge.ts";
import type { MetricsVerdict } from "./metrics/judge-metrics.ts";
import type { Phase } from "./window.ts";

/** A verdict of both sources. */
export type Decision = Verdict & {
  /** Those that speak against the new version. */
  readonly foundBy: readonly SourceName[];
  /** Why it is not decided although the time is over; null when nothing but time is missing. */
  readonly waitsFor: string | null;
};

/** Decides as time goes on; of one step. */
export type Decider = (
  judgeProbes: (phase: ProbesPhase) => Verdict,
  metrics: MetricsVerdict | null,
  phase: Phase,
) => Decision;

/**
 * One verdict of two sources: either may speak against the new version, and both have to be content with it. Once probes are, they do not
 * come to another verdict only because the metrics take longer: from then on they reject a breakdown and nothing else.
 */
export function createDecider(): Decider {
  let contentment: Verdict | null = null;
  return (judgeProbes, metrics, phase) => {
    const now = judgeProbes(contentment === null ? phase : "settled");
    const probes = contentment !== null && now.kind === "undecided" ? contentment : now;
    if (probes.kind === "healthy") contentment = probes;
    return decide(probes, metrics);
  };
}

const IN_DOUBT = "In doubt when the time was over";

/** @param metrics null when there are none to judge by */
function decide(probes: Verdict, metrics: MetricsVerdict | null): Decision {
  const told = metrics === null ? [] : metrics.reasons.map((reason) => `real traffic: ${reason}`);
  if (metrics?.kind === "unhealthy") return rejectByMetrics(probes, told);
  if (probes.kind === "undecided") return { ...probes, foundBy: [], waitsFor: IN_DOUBT };
  if (probes.kind !== "healthy") return { ...probes, foundBy: ["probes"], waitsFor: null };
  if (metrics?.kind === "waiting") return { kind: "undecided", foundBy: [], waitsFor: told[0] ?? null };
  return { kind: "healthy", reasons: [...probes.reasons, ...told], foundBy: [], waitsFor: null };
}

function rejectByMetrics(probes: Verdict, told: readonly string[]): Decision {
  const isAgreed = probes.kind === "unhealthy";
  return {
    kind: "unhealthy",
    reasons: isAgreed ? [...probes.reasons, ...told] : told,
    foundBy: isAgreed ? ["probes", "metrics"] : ["metrics"],
    waitsFor: null,
  };
}
