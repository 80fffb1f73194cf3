import { drawBetween, drawWait, type Random } from "./random.ts";

/** What may befall sound versions. Times in milliseconds. */
export interface Weather {
  /** Standard deviation of the logarithm of an answer's time. */
  readonly spread: number;
  /** Share of answers that take four times as long or much longer (Pareto, exponent 1.2, cut at forty times). */
  readonly heavyTail: number;
  /** Pauses of the garbage collector a minute, each version by itself. */
  readonly pauses: number;
  /** Stalls a minute that hit both versions at once. */
  readonly sharedStalls: number;
  /** Stalls a minute of each version by itself. */
  readonly ownStalls: number;
  /** Times a minute, each version by itself, at which its answers take 2.5 times as long for a while. */
  readonly slowSpells: number;
  /** Share of requests that fail in bursts, half of which hit both versions. */
  readonly burstErrors: number;
  /** Share of requests that fail one by one. */
  readonly scatteredErrors: number;
}

const FAIR: Weather = {
  spread: 0.5,
  heavyTail: 0.01,
  pauses: 0,
  sharedStalls: 0,
  ownStalls: 0,
  slowSpells: 0,
  burstErrors: 0,
  scatteredErrors: 0,
};

export const WEATHERS = {
  fair: FAIR,
  "heavy-tailed latency": { ...FAIR, spread: 0.9, heavyTail: 0.05 },
  "pauses of 50–400 ms, 12 a minute": { ...FAIR, pauses: 12 },
  "stalls of both for 1–5 s, 2 a minute": { ...FAIR, sharedStalls: 2 },
  "stalls of each by itself for 1–5 s, 2 a minute": { ...FAIR, ownStalls: 2 },
  "slow spells of each by itself for 2–8 s, 1 a minute": { ...FAIR, slowSpells: 1 },
  "0.5 % fail, one by one": { ...FAIR, scatteredErrors: 0.005 },
  "0.5 % fail, in bursts": { ...FAIR, burstErrors: 0.005 },
  storm: {
    spread: 0.7,
    heavyTail: 0.03,
    pauses: 6,
    sharedStalls: 1,
    ownStalls: 1,
    slowSpells: 1,
    burstErrors: 0.005,
    scatteredErrors: 0,
  },
} satisfies Record<string, Weather>;

/** A stretch of time. */
export type Stretch = readonly [from: number, to: number];

/** What befalls one version, as stretches of time. */
export interface Disturbances {
  readonly stalls: readonly Stretch[];
  readonly pauses: readonly Stretch[];
  readonly slowSpells: readonly Stretch[];
  /** Half of the requests fail in them. */
  readonly bursts: readonly Stretch[];
}

const MINUTE_MS = 60_000;
const STALL_MS = [1_000, 5_000] as const;
const PAUSE_MS = [50, 400] as const;
const SPELL_MS = [2_000, 8_000] as const;
const BURST_MS = [200, 1_200] as const;
const BURST_FAILURES = 0.5;
/** Bursts a minute for each share of failed requests. */
const BURSTS_PER_SHARE = MINUTE_MS / (((BURST_MS[0] + BURST_MS[1]) / 2) * BURST_FAILURES);

/** @returns the same weather as it meets the new version and the old one, for so many milliseconds */
export function drawDisturbances(
  random: Random,
  weather: Weather,
  untilMs: number,
): Readonly<Record<"candidate" | "baseline", Disturbances>> {
  const draw = (perMinute: number, lengthMs: readonly [number, number]) =>
    drawStretches(random, perMinute, lengthMs, untilMs);
  const bursts = (weather.burstErrors / 2) * BURSTS_PER_SHARE;
  const shared = { stalls: draw(weather.sharedStalls, STALL_MS), bursts: draw(bursts, BURST_MS) };
  const drawOne = (): Disturbances => ({
    stalls: [...shared.stalls, ...draw(weather.ownStalls, STALL_MS)],
    pauses: draw(weather.pauses, PAUSE_MS),
    slowSpells: draw(weather.slowSpells, SPELL_MS),
    bursts: [...shared.bursts, ...draw(bursts, BURST_MS)],
  });
  return { candidate: drawOne(), baseline: drawOne() };
}

function drawStretches(
  random: Random,
  perMinute: number,
  lengthMs: readonly [number, number],
  untilMs: number,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  if (perMinute === 0) return stretches;
  const wait = (): number => drawWait(random, MINUTE_MS / perMinute);
  // One may be on when the time begins.
  let from = wait() - lengthMs[1];
  while (from < untilMs) {
    const to = from + drawBetween(random, lengthMs);
    stretches.push([from, to]);
    from = to + wait();
  }
  return stretches;
}
