import type { MetricsObservation, RouteCounts, Tick } from "../../metrics/observation.ts";
import type { Random } from "./random.ts";
import { type Fault, NO_FAULT, type Served, type SimulatedVersion } from "./service.ts";

/** Real traffic, as a service has it. */
export interface Users {
  /** Requests a second to both versions together. */
  readonly rate: number;
  /** Whether one route fails on either version, and the new one is asked for it more often. */
  readonly isMixed: boolean;
}

const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const HELD_UP_MS = 1_000;
const TICK_MS = 1_000;
/** From an answer until its batch is counted. */
const DELIVERY_MS = 200;

interface Route {
  readonly name: string;
  /** Share of requests. */
  readonly share: number;
  /** Share of requests that are refused, whatever the version. */
  readonly refused: number;
}

const ROUTES: readonly Route[] = [
  { name: "GET /api/v1/users/id/:id", share: 0.42, refused: 0.05 },
  { name: "GET /api/v1/users/username/:username", share: 0.15, refused: 0.1 },
  { name: "GET /api/v1/users", share: 0.18, refused: 0.01 },
  { name: "POST /api/v1/users", share: 0.12, refused: 0.1 },
  { name: "PATCH /api/v1/users/id/:id", share: 0.08, refused: 0.05 },
  { name: "DELETE /api/v1/users/id/:id", share: 0.05, refused: 0 },
];
/** Fails four times in a hundred, on every version; a fifth of what the old one is asked, two fifths of what the new one is. */
const WEAK: Route = { name: "GET /api/v1/reports", share: 0, refused: 0 };
const WEAK_FAILURES = 0.04;
const WEAK_SHARES = { candidate: 0.4, baseline: 0.2 } as const;

type Versions = Readonly<Record<Side, SimulatedVersion>>;
/** What became of the probes of one second. */
type ServedProbes = Readonly<Record<Side, readonly Served[]>>;

export interface SimulatedUsers {
  /** @param share of users that the new version has */
  begin(versions: Versions, share: number): UsersStep;
}

/** The users' requests during one step, as telemetry counts them. */
export interface UsersStep {
  /** Ticks before it. */
  readonly before: number;
  /** Another second passes. */
  pass(probes: ServedProbes): void;
  read(): Pick<MetricsObservation, "ticks" | "boundsMs">;
}

export function createUsers(random: Random, users: Users, fault: Fault): SimulatedUsers {
  const ticks: Tick[] = [];
  return {
    begin(versions, share) {
      const before = ticks.length;
      const counter = createCounter(random);
      let second = 0;
      return {
        before,
        pass(probes) {
          for (const side of SIDES) {
            const expected = users.rate * (side === "candidate" ? share : 1 - share);
            for (let rest = drawCount(random, expected); rest > 0; rest--)
              counter.count(
                side,
                serve(random, (second + random()) * TICK_MS, { users, fault, side, version: versions[side] }),
              );
            for (const served of probes[side])
              counter.count(side, { served, route: pickRead(random).name, isRefused: false });
          }
          second++;
          ticks.push({ ms: TICK_MS, ...counter.take(second) });
        },
        read: () => ({ ticks, boundsMs: BOUNDS_MS }),
      };
    },
  };
}

const SIDES = ["candidate", "baseline"] as const;
export type Side = (typeof SIDES)[number];

interface Asked {
  readonly users: Users;
  readonly fault: Fault;
  readonly side: Side;
  readonly version: SimulatedVersion;
}

interface Answered {
  readonly route: string;
  readonly served: Served;
  readonly isRefused: boolean;
}

function serve(random: Random, sentAt: number, { users, fault, side, version }: Asked): Answered {
  const isWeak = users.isMixed && random() < WEAK_SHARES[side];
  const route = isWeak ? WEAK : pick(random);
  const { failingWrites, refusingWrites, slownessOfWrites } =
    side === "candidate" && !route.name.startsWith("GET ") ? fault : NO_FAULT;
  const { endsAt, isFailed: fails } = version.serve(sentAt);
  const isFailed = fails || random() < (isWeak ? WEAK_FAILURES : failingWrites);
  const isRefused = !isFailed && random() < route.refused + refusingWrites;
  const served = { sentAt, endsAt: sentAt + (endsAt - sentAt) * slownessOfWrites, isFailed };
  return { route: route.name, served, isRefused };
}

/** Counts as telemetry does: what has ended is known when its version's batch of that second has arrived. */
function createCounter(random: Random) {
  const arriving: Record<Side, Map<string, MutableCounts>[]> = { candidate: [], baseline: [] };
  const flushMs = { candidate: random() * TICK_MS, baseline: random() * TICK_MS };
  const count = (side: Side, { route, served, isRefused }: Answered): void => {
    const flushedAt = Math.ceil((served.endsAt - flushMs[side]) / TICK_MS) * TICK_MS + flushMs[side];
    const second = Math.max(0, Math.floor((flushedAt + DELIVERY_MS) / TICK_MS));
    const counts = (arriving[side][second] ??= new Map());
    let own = counts.get(route);
    if (own === undefined) {
      own = { requests: 0, failed: 0, refused: 0, heldUp: 0, buckets: BOUNDS_MS.map(() => 0).concat(0) };
      counts.set(route, own);
    }
    const ms = served.endsAt - served.sentAt;
    own.requests++;
    if (ms > HELD_UP_MS) own.heldUp++;
    if (served.isFailed) own.failed++;
    else if (isRefused) own.refused++;
    else {
      const place = BOUNDS_MS.findIndex((bound) => ms <= bound);
      const bucket = place < 0 ? BOUNDS_MS.length : place;
      own.buckets[bucket] = (own.buckets[bucket] ?? 0) + 1;
    }
  };

  return {
    count,
    /** What a reading at the end of so many seconds adds. */
    take: (seconds: number): Pick<Tick, Side> => ({
      candidate: arriving.candidate[seconds - 1] ?? new Map(),
      baseline: arriving.baseline[seconds - 1] ?? new Map(),
    }),
  };
}

interface MutableCounts extends RouteCounts {
  requests: number;
  failed: number;
  refused: number;
  heldUp: number;
  readonly buckets: number[];
}

function pick(random: Random): Route {
  let rest = random();
  return ROUTES.find(({ share }) => (rest -= share) < 0) ?? WEAK;
}

const READS = ROUTES.slice(0, 3);
const pickRead = (random: Random): Route => READS[Math.floor(random() * READS.length)] ?? WEAK;

/** Of requests that come by themselves, so many a second on average. */
function drawCount(random: Random, expected: number): number {
  if (expected > 50)
    return Math.max(0, Math.round(expected + Math.sqrt(expected) * (random() + random() + random() - 1.5) * 2));
  let [count, product] = [0, random()];
  const limit = Math.exp(-expected);
  while (product > limit) {
    count++;
    product *= random();
  }
  return count;
}
