import type { LiveDeployment } from "../scenarios/live-deployments.ts";
import type { Scenario } from "../scenarios/scenarios.ts";

/** One scenario as it went. Times are milliseconds since 1970. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number | null;
  /** Where the command stopped; null when it did not. */
  readonly stage: string | null;
  /** The sources that spoke against its version. */
  readonly foundBy: readonly string[];
  /** The version that was live before. */
  readonly previous: string | null;
  /** The version that it brought; null when it brought none into a deployment. */
  readonly candidate: string | null;
  /** Deployments that it made, oldest first. */
  readonly deployments: readonly LiveDeployment[];
  /** When the stage began that stopped it. */
  readonly failedAt: number | null;
  /** When the rollback was verified. */
  readonly verifiedAt: number | null;
  /** A version that is bad was left with all the traffic. */
  readonly hasMissedFault: boolean;
  /** The machine had no room, and it was done once more. */
  readonly isSuperseded: boolean;
  /** In what it differs from what was expected. */
  readonly problems: readonly string[];
}
