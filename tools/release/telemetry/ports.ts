import type { CheckedOut } from "../adapters/git.ts";
import type { ReleasePorts } from "../ports.ts";
import type { ClassMigration } from "./class-migrations.ts";
import type { MetricsOptions } from "./metrics.ts";

/** What is to be released where. */
export interface TelemetryPlan {
  readonly target: string;
  readonly env: string;
  readonly worker: string;
  readonly url: string;
  readonly isDryRun: boolean;
  /** Commit whose checks have passed elsewhere. */
  readonly verifiedCommit: string | null;
}

type Shared =
  | "forward"
  | "recovery"
  | "checkedOut"
  | "findCheckFailure"
  | "measureStartup"
  | "confirm"
  | "waitForVersion"
  | "clock"
  | "today";

/** Everything that a release of telemetry touches, so that tests can replace it. */
export interface TelemetryPorts extends Pick<ReleasePorts, Shared> {
  /** Of the configuration that is checked out, in order. */
  readonly classMigrations: () => readonly ClassMigration[];
  /** Tag of the last one that the Worker has; null when it has none. */
  readonly appliedTag: (signal: AbortSignal) => Promise<string | null>;
  /** Deploys with class migrations, at once; gives the version's id. */
  readonly deployMigrated: (upload: { readonly tag: string; readonly message: string }) => Promise<string>;
  readonly metrics: MetricsOptions;
}

/** What is known once the version can be released. */
export interface Found {
  readonly checkedOut: CheckedOut;
  readonly previous: string;
  readonly startupMs: number;
  readonly pending: readonly ClassMigration[];
}
