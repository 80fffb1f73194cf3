import type { CheckedOut } from "../adapters/git.ts";
import type { VersionShare } from "../cloudflare/control-plane.ts";
import type { ReleasePorts } from "../ports.ts";
import type { Journal } from "../report/journal.ts";
import type { ClassMigration } from "./class-migrations.ts";
import type { Companion, Looks } from "./companion.ts";

/** Name of the last stage of a Worker that has triggers. */
export const TRIGGERS = "triggers";

/** What is to be released where. */
export interface CompanionPlan {
  readonly target: string;
  readonly env: string;
  readonly worker: string;
  /** Empty when it has none. */
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
  | "clock"
  | "today";

/** Everything that a release of a companion touches, so that tests can replace it. */
export interface CompanionPorts extends Pick<ReleasePorts, Shared> {
  /** Null for one that has no address: there, deployments alone tell. */
  readonly waitForVersion: ReleasePorts["waitForVersion"] | null;
  /** Of the configuration that is checked out, in order. */
  readonly classMigrations: () => Promise<readonly ClassMigration[]>;
  /** Tag of the last one that the Worker has; null when it has none. */
  readonly appliedTag: (signal: AbortSignal) => Promise<string | null>;
  /** Deploys with class migrations and triggers, at once; gives the version's id. */
  readonly deployAtOnce: (upload: { readonly tag: string; readonly message: string }) => Promise<string>;
  /** Deploys the triggers of the configuration that is checked out; null for one that has none. */
  readonly deployTriggers: (() => Promise<void>) | null;
  readonly looks: Looks;
}

/** What is known once the version can be released. */
export interface Found {
  readonly checkedOut: CheckedOut;
  readonly previous: string;
  readonly startupMs: number;
  readonly pending: readonly ClassMigration[];
}

export interface CompanionRun {
  readonly companion: Companion;
  readonly plan: CompanionPlan;
  readonly ports: CompanionPorts;
  readonly journal: Journal;
  /** Interrupts the release: it then leaves a safe state. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Told what is live, whenever that changes. */
  readonly onTraffic: (shares: readonly VersionShare[], release: Pick<Found, "previous">) => void;
}
