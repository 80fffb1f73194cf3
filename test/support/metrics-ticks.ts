import type { RouteCounts, Tick, VersionCounts } from "../../tools/release/metrics/observation.ts";

export const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** What one version answers on one route, each second. */
export interface RouteBehaviour {
  /** Requests a second. */
  readonly rate: number;
  /** How many of them fail, or are refused, in a given second; none when absent. */
  readonly failed?: (second: number) => number;
  readonly refused?: (second: number) => number;
  /** How long an answer takes; by default 20. */
  readonly ms?: number;
}

export type Behaviour = Readonly<Record<string, RouteBehaviour>>;

export const READ = "GET /api/v1/users/id/:id";
export const POST = "POST /api/v1/users";
export const PATCH = "PATCH /api/v1/users/id/:id";

/** A sound service of a hundred requests a second. */
export const SOUND: Behaviour = { [READ]: { rate: 80 }, [POST]: { rate: 12 }, [PATCH]: { rate: 8 } };

export function ticksOf(seconds: number, candidate: Behaviour, baseline: Behaviour = SOUND): readonly Tick[] {
  return Array.from({ length: seconds }, (_, second) => ({
    ms: 1_000,
    candidate: countsOf(candidate, second),
    baseline: countsOf(baseline, second),
  }));
}

const countsOf = (behaviour: Behaviour, second: number): VersionCounts =>
  new Map(Object.entries(behaviour).map(([route, one]) => [route, count(one, second)]));

function count({ rate, failed = () => 0, refused = () => 0, ms = 20 }: RouteBehaviour, second: number): RouteCounts {
  const bad = { failed: failed(second), refused: refused(second) };
  const place = BOUNDS_MS.findIndex((bound) => ms <= bound);
  const buckets = [...BOUNDS_MS, Infinity].map((_, index) => (index === place ? rate - bad.failed - bad.refused : 0));
  return { requests: rate, ...bad, heldUp: ms > 1_000 ? rate : 0, buckets };
}

/** Once in so many seconds. */
export const everySeconds =
  (seconds: number, count = 1) =>
  (second: number): number =>
    second % seconds === seconds - 1 ? count : 0;
