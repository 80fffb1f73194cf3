import type { Measurement } from "../measure/measurement.ts";
import type { SourceName } from "../stage-failure.ts";
import type { Outcome } from "./outcome.ts";

/** What `--report` writes about a release; all times are RFC 3339. */
export interface ReleaseReport {
  readonly target: string;
  readonly env: string;
  /** Name of the Worker in the account. */
  readonly worker: string;
  readonly url: string;
  readonly commit: string | null;
  /** The version that served before, and the one that was uploaded. */
  readonly previousId: string | null;
  readonly newId: string | null;
  /** CPU time that the bundle takes to start, in milliseconds, measured before it was uploaded. */
  readonly startupMs: number | null;
  /** Names of the migrations that were applied. */
  readonly migrations: readonly string[];
  readonly stages: readonly StageRecord[];
  readonly outcome: Outcome;
  readonly exitCode: number;
  /** The stage that the release did not get past. */
  readonly failedStage: string | null;
  readonly reasons: readonly string[];
  readonly rollback: RollbackRecord | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly ms: number;
}

/** One stage: `preflight`, `migrate`, `upload`, `0 %`, `smoke`, `10 %` and so on, `complete`, `rollback`. */
export interface StageRecord {
  readonly name: string;
  /** Share of the new version, for the stages that set one. */
  readonly percentage?: number;
  readonly startedAt: string;
  readonly ms: number;
  readonly outcome: "passed" | "failed" | "interrupted";
  /** What was found, or why it failed. */
  readonly detail: readonly string[];
  /** The sources that spoke against the version. */
  readonly foundBy?: readonly SourceName[];
  readonly comparison?: ComparisonSummary;
  readonly metrics?: MetricsSummary;
}

/** What telemetry counted of all requests since the first step began, by method and route. */
export interface MetricsSummary {
  /** Why it could not be judged by; null when it was. */
  readonly unavailable: string | null;
  readonly routes: readonly RouteSummary[];
}

export interface RouteSummary {
  /** As in `POST /api/v1/users`. */
  readonly route: string;
  readonly candidate: RouteTotals;
  readonly baseline: RouteTotals;
  /** Of each comparison, evidence for a fault in the share of what is needed to reject: 1 or more is a rejection. */
  readonly evidence: { readonly failed: number; readonly refused: number; readonly slow: number };
}

export interface RouteTotals {
  readonly requests: number;
  /** 5xx. */
  readonly failed: number;
  /** 4xx but 429. */
  readonly refused: number;
  /** Upper bound, in milliseconds, of the bucket that 95 % of the successes are within; null without any, or beyond the last bound. */
  readonly p95AtMostMs: number | null;
}

export interface ComparisonSummary {
  readonly candidate: MeasurementSummary;
  readonly baseline: MeasurementSummary;
}

export interface MeasurementSummary extends Pick<Measurement, "samples" | "errors"> {
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

export interface RollbackRecord {
  readonly startedAt: string;
  readonly ms: number;
  /** Whether deployments and answers show that the previous version has all the traffic. */
  readonly verified: boolean;
  /** Someone else may have been faster, or, when it is not verified, have deployed something of their own. */
  readonly by: "us" | "someone else" | null;
}
