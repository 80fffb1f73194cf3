import { BLOCK_MS } from "../../measure/measurement.ts";
import { judge, type Verdict } from "../judge.ts";
import { phaseOf } from "../window.ts";
import { createLog } from "./log.ts";
import type { Random } from "./random.ts";
import { createVersion, type Fault, NO_FAULT } from "./service.ts";
import { drawDisturbances, type Weather } from "./weather.ts";

/** A release as the command runs it by default, with one API key. */
const STEPS = [10, 50, 100] as const;
export type Step = (typeof STEPS)[number];
const BAKE_MS = 30_000;
const RATE_PER_VERSION = 8;

/** With all the traffic, a version takes so many times as long as one that is idle. */
const LOADED_SLOWNESS = 1.5;
/** So many seconds of weather: more than the longest step. */
const WEATHER_BLOCKS = 4 * (BAKE_MS / BLOCK_MS);

export interface ReleaseEnding {
  /** The step at which it was rejected; null when it was released. */
  readonly rejectedAt: Step | null;
  /** Since the first step began. */
  readonly seconds: number;
  readonly isExtended: boolean;
}

/** One release, from the first step to the last verdict. */
export function simulateRelease(random: Random, weather: Weather, fault: Fault): ReleaseEnding {
  let [seconds, isExtended] = [0, false];
  for (const step of STEPS) {
    const ending = simulateStep(random, weather, fault, step === 100);
    seconds += ending.seconds;
    isExtended ||= ending.isExtended;
    if (ending.kind !== "healthy") return { rejectedAt: step, seconds, isExtended };
  }
  return { rejectedAt: null, seconds, isExtended };
}

interface StepEnding {
  readonly kind: Verdict["kind"];
  readonly seconds: number;
  readonly isExtended: boolean;
}

function simulateStep(random: Random, weather: Weather, fault: Fault, isPeerIdle: boolean): StepEnding {
  const disturbances = drawDisturbances(random, weather, WEATHER_BLOCKS * BLOCK_MS);
  const slowness = fault.slowness * (isPeerIdle ? LOADED_SLOWNESS : 1);
  const candidate = createVersion(random, weather, disturbances.candidate, { ...fault, slowness });
  const baseline = createVersion(random, weather, disturbances.baseline, NO_FAULT);
  const logs = { candidate: createLog(), baseline: createLog() };
  let isExtended = false;
  for (let seconds = 1; ; seconds++) {
    const sent = drawTimes(random, seconds - 1);
    logs.candidate.add(sent.map(([at]) => candidate.serve(at)));
    logs.baseline.add(sent.map(([, at]) => baseline.serve(at)));
    const passedMs = seconds * BLOCK_MS;
    const observed = { candidate: logs.candidate.read(passedMs), baseline: logs.baseline.read(passedMs) };
    const oldestPendingMs = Math.max(observed.candidate.oldestPendingMs, observed.baseline.oldestPendingMs);
    const phase = phaseOf({ passedMs, bakeMs: BAKE_MS, oldestPendingMs });
    const { kind } = judge(observed, { phase, isPeerIdle });
    if (kind !== "undecided") return { kind, seconds, isExtended };
    isExtended ||= phase === "due";
  }
}

type PairTimes = readonly [candidate: number, baseline: number];

/** Pairs of probes at a steady pace, the second of a pair half a period after the first; which one that is, is drawn. */
function drawTimes(random: Random, second: number): readonly PairTimes[] {
  const periodMs = BLOCK_MS / RATE_PER_VERSION;
  return Array.from({ length: RATE_PER_VERSION }, (_, place): PairTimes => {
    const first = second * BLOCK_MS + place * periodMs;
    return random() < 0.5 ? [first, first + periodMs / 2] : [first + periodMs / 2, first];
  });
}
