import type { Comparison, Measurement } from "../measure/measurement.ts";
import type { ComparisonSummary, MeasurementSummary } from "./report.ts";

export function summarize({ candidate, baseline }: Comparison): ComparisonSummary {
  return { candidate: summarizeOne(candidate), baseline: summarizeOne(baseline) };
}

function summarizeOne({ samples, errors, latenciesMs }: Measurement): MeasurementSummary {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return { samples, errors, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
}

/** Nearest rank, in tenths of a millisecond. */
function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}

/** `new 112 requests, 0 failed, median 21 ms; old 113 requests, 0 failed, median 20 ms`. */
export function formatComparison({ candidate, baseline }: ComparisonSummary): string {
  return `new ${formatOne(candidate)}; old ${formatOne(baseline)}`;
}

function formatOne({ samples, errors, medianMs }: MeasurementSummary): string {
  const median = medianMs === null ? "" : `, median ${medianMs} ms`;
  return `${samples} requests, ${errors} failed${median}`;
}
