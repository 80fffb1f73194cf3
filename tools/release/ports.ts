import type { Migration } from "../db/migration-files.ts";
import type { SmokeResult } from "../smoke/run.ts";
import type { CheckedOut } from "./adapters/git.ts";
import type { ControlPlane } from "./cloudflare/control-plane.ts";
import type { RecoveryControlPlane } from "./cloudflare/deployments-api.ts";
import type { EnvironmentName } from "./command/usage.ts";
import type { judge } from "./judge/judge.ts";
import type { Clock } from "./measure/clock.ts";
import type { MeasurementSource } from "./measure/measurement.ts";
import type { MetricsSource } from "./metrics/observation.ts";
import type { WaitForVersionOptions } from "./traffic/propagation.ts";

/** What is to be released where, and how. */
export interface ReleasePlan {
  readonly target: string;
  readonly env: EnvironmentName;
  readonly worker: string;
  readonly url: string;
  /** Percentages, ascending, the last one 100. */
  readonly steps: readonly number[];
  readonly bakeMs: number;
  /** Where all requests are counted; null when only probes tell. */
  readonly metricsUrl: string | null;
  /** Whether a version that the metrics do not show is rejected. */
  readonly isMetricsRequired: boolean;
  /** Steps wait until a fault that meets one request in so many would be found, as far as that many requests come. */
  readonly findOneIn: number;
  readonly isDryRun: boolean;
  /** Commit whose checks have passed elsewhere. */
  readonly verifiedCommit: string | null;
}

export type VersionWait = Pick<
  WaitForVersionOptions,
  "versionId" | "usesOverride" | "takenOut" | "timeoutMs" | "signal"
>;

/** Everything that a release touches, so that tests can replace it. */
export interface ReleasePorts {
  /** Its reads end when the release is interrupted. */
  readonly forward: ControlPlane;
  /** Works on after an interruption. */
  readonly recovery: RecoveryControlPlane;
  readonly checkedOut: () => Promise<CheckedOut>;
  /** Runs the project's own checks; what they print when they fail, null when all is well. */
  readonly findCheckFailure: (signal: AbortSignal) => Promise<string | null>;
  /** Sentences about keys that are not accepted. */
  readonly findAccessProblems: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly migrations: MigrationPort;
  /** Builds what would be uploaded; CPU time that it takes to start here, in milliseconds. */
  readonly measureStartup: () => Promise<number>;
  /** Asks whether to go on; the text is the plan. */
  readonly confirm: (text: string, signal: AbortSignal) => Promise<boolean>;
  /** Examines the version through the override, asserting its id in every answer. */
  readonly smoke: (versionId: string, signal: AbortSignal) => Promise<SmokeResult>;
  readonly source: MeasurementSource;
  /** What all requests met; null when telemetry is not configured. */
  readonly metrics: MetricsSource | null;
  readonly judge: typeof judge;
  readonly waitForVersion: (options: VersionWait) => Promise<{ readonly waitedMs: number }>;
  readonly clock: Clock;
  /** Time of day, for the report. */
  readonly today: () => Date;
}

export interface MigrationPort {
  /** Read without writing anything. */
  pending(): Promise<readonly Migration[]>;
  /** All of the checkout, in order, whether they have been applied or not. */
  all(): Promise<readonly Migration[]>;
  /** What the linter finds in the files of these names. */
  lint(names: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Applies what is pending, unless something else is than what was judged; gives the names. */
  apply(judged: readonly Migration[], note: (line: string) => void): Promise<readonly string[]>;
}
