import { drawNormal, type Random } from "./random.ts";
import type { Disturbances, Stretch, Weather } from "./weather.ts";

/** What is wrong with a version. */
export interface Fault {
  /** Share of requests that fail at once. */
  readonly failing: number;
  /** So many times as long as a sound one takes every answer. */
  readonly slowness: number;
  /** Share of answers that take 300 ms longer. */
  readonly slowTail: number;
  /** Share of requests that are never answered. */
  readonly hanging: number;
  /** Share of requests that fail at once when they write. */
  readonly failingWrites: number;
  /** So many times as long as a sound one takes to write. */
  readonly slownessOfWrites: number;
  /** Share of writes that are refused. */
  readonly refusingWrites: number;
}

export const NO_FAULT: Fault = {
  failing: 0,
  slowness: 1,
  slowTail: 0,
  hanging: 0,
  failingWrites: 0,
  slownessOfWrites: 1,
  refusingWrites: 0,
};

/** A request, and what becomes of it; milliseconds since the step began. */
export interface Served {
  readonly sentAt: number;
  readonly endsAt: number;
  readonly isFailed: boolean;
}

const MEDIAN_MS = 20;
const HEAVY_TIMES = 4;
const HEAVY_EXPONENT = 1.2;
const MAX_HEAVY_TIMES = 40;
const SPELL_TIMES = 2.5;
const SLOW_TAIL_MS = 300;
const BURST_FAILURES = 0.5;
/** Of requests that a stall has held up for so long, half run into a time limit somewhere. */
const HELD_UP_MS = 2_000;
const HELD_UP_FAILURES = 0.5;
/** When the probes give up. */
const TIMEOUT_MS = 10_000;

/** A version under the weather. */
export interface SimulatedVersion {
  serve(sentAt: number): Served;
}

export function createVersion(
  random: Random,
  weather: Weather,
  disturbances: Disturbances,
  fault: Fault,
): SimulatedVersion {
  const fails = (sentAt: number, waitMs: number): boolean =>
    random() < weather.scatteredErrors + fault.failing ||
    (endOf(disturbances.bursts, sentAt) > 0 && random() < BURST_FAILURES) ||
    (waitMs > HELD_UP_MS && random() < HELD_UP_FAILURES);
  return {
    serve(sentAt) {
      if (random() < fault.hanging) return { sentAt, endsAt: sentAt + TIMEOUT_MS, isFailed: true };
      const isInSpell = endOf(disturbances.slowSpells, sentAt) > 0;
      const worksMs = drawWorkMs(random, weather) * fault.slowness * (isInSpell ? SPELL_TIMES : 1);
      const tailMs = random() < fault.slowTail ? SLOW_TAIL_MS : 0;
      const resumesAt = Math.max(sentAt, endOf(disturbances.stalls, sentAt), endOf(disturbances.pauses, sentAt));
      const isFailed = fails(sentAt, resumesAt - sentAt);
      return { sentAt, endsAt: Math.min(resumesAt + worksMs + tailMs, sentAt + TIMEOUT_MS), isFailed };
    },
  };
}

function drawWorkMs(random: Random, { spread, heavyTail }: Weather): number {
  const ms = MEDIAN_MS * Math.exp(spread * drawNormal(random));
  if (random() >= heavyTail) return ms;
  return ms * Math.min(MAX_HEAVY_TIMES, HEAVY_TIMES * (1 - random()) ** (-1 / HEAVY_EXPONENT));
}

/** End of the stretch that a moment is in; 0 when it is in none. */
function endOf(stretches: readonly Stretch[], at: number): number {
  for (const [from, to] of stretches) if (from <= at && at < to) return to;
  return 0;
}
