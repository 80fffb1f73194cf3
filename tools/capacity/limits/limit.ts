import type { Demand } from "../demand.ts";
import type { Scenario } from "../scenario.ts";

/** What happens beyond a limit: requests fail, requests get slower, or money is asked for. */
export type LimitKind = "fails" | "slows" | "costs";

/** One thing that runs out. */
export interface Limit {
  readonly name: string;
  readonly kind: LimitKind;
  readonly unit: string;
  /** In the scenario, in `unit`. */
  readonly used: number;
  /** In `unit`. */
  readonly capacity: number;
  /** Requests per second at which all of it is used; infinite when it does not depend on them. */
  readonly bindsAt: number;
  /** What helps, where no step of the ladder does: a setting of our own. */
  readonly remedy?: string;
}

/** Finds the limits of one part of the service. */
export type LimitFinder = (scenario: Scenario, demand: Demand) => readonly Limit[];

/** A limit whose use grows in proportion to the requests, as most do. */
export function proportional({ requestsPerSecond }: Scenario, limit: Omit<Limit, "bindsAt">): Limit {
  const bindsAt = limit.used === 0 ? Infinity : (requestsPerSecond * limit.capacity) / limit.used;
  return { ...limit, bindsAt };
}

/** A limit of each single request, which more requests do not use up. */
export function perRequest(limit: Omit<Limit, "bindsAt">): Limit {
  return { ...limit, bindsAt: limit.used > limit.capacity ? 0 : Infinity };
}
