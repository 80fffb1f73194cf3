import type { Deployment } from "./cloudflare/control-plane.ts";
import { formatShares } from "./cloudflare/versions.ts";

/** A stage that refuses to go on; each reason is a sentence for the operator. */
export class StageFailure extends Error {
  override readonly name: string = "StageFailure";
  readonly reasons: readonly string[];
  /** The sources that speak against the version; none when it is not about measurements. */
  readonly foundBy: readonly SourceName[];

  constructor(reasons: readonly string[], foundBy: readonly SourceName[] = []) {
    super(reasons.join(" "));
    this.reasons = reasons;
    this.foundBy = foundBy;
  }
}

/** Where a verdict comes from: the release's own requests, or what telemetry counts of all of them. */
export type SourceName = "probes" | "metrics";

/** Somebody else has changed the live deployment; it is theirs now. */
export class ForeignDeploymentError extends StageFailure {
  override readonly name = "ForeignDeploymentError";

  constructor(live: Deployment | undefined) {
    const message = live?.message ? ` ("${live.message}", ${live.createdOn})` : "";
    super([`Somebody else has changed the live deployment: ${formatShares(live?.versions ?? [])}${message}.`]);
  }
}

/** What to tell about any error, one sentence each. */
export function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof StageFailure) return error.reasons;
  if (error instanceof AggregateError && error.message === "") return error.errors.flatMap(reasonsOf);
  return [error instanceof Error ? error.message || error.name : String(error)];
}
