import { BLOCK_MS } from "../../measure/measurement.ts";
import { createDecider } from "../decide.ts";
import { judge, type Verdict } from "../judge.ts";
import { judgeMetrics, type MetricsVerdict } from "../metrics/judge-metrics.ts";
import { MAX_EXTENSION, type Phase, phaseOf } from "../window.ts";
import { createLog } from "./log.ts";
import type { Random } from "./random.ts";
import { createVersion, type Fault, NO_FAULT } from "./service.ts";
import { createUsers, type SimulatedUsers, type Users, type UsersStep } from "./users.ts";
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

/**
 * One release, from the first step to the last verdict.
 * @param users whose requests are judged by, beside probes; none when absent
 */
export function simulateRelease(random: Random, weather: Weather, fault: Fault, users?: Users): ReleaseEnding {
  let [seconds, isExtended] = [0, false];
  const traffic = users === undefined ? null : createUsers(random, users, fault);
  for (const step of STEPS) {
    const ending = simulateStep(random, weather, fault, { step, traffic });
    seconds += ending.seconds;
    isExtended ||= ending.isExtended;
    if (ending.kind !== "healthy") return { rejectedAt: step, seconds, isExtended };
  }
  return { rejectedAt: null, seconds, isExtended };
}

interface SimulatedStep {
  readonly step: Step;
  readonly traffic: SimulatedUsers | null;
}

interface StepEnding {
  readonly kind: Verdict["kind"];
  readonly seconds: number;
  readonly isExtended: boolean;
}

function simulateStep(random: Random, weather: Weather, fault: Fault, { step, traffic }: SimulatedStep): StepEnding {
  const isPeerIdle = step === 100;
  const disturbances = drawDisturbances(random, weather, WEATHER_BLOCKS * BLOCK_MS);
  const slowness = fault.slowness * (isPeerIdle ? LOADED_SLOWNESS : 1);
  const candidate = createVersion(random, weather, disturbances.candidate, { ...fault, slowness });
  const baseline = createVersion(random, weather, disturbances.baseline, NO_FAULT);
  const logs = { candidate: createLog(), baseline: createLog() };
  const users = traffic?.begin({ candidate, baseline }, step / 100);
  const judgeUsers = users === undefined ? () => null : createUsersJudge(users, isPeerIdle);
  const decide = createDecider();
  let isExtended = false;
  for (let seconds = 1; ; seconds++) {
    const sent = drawTimes(random, seconds - 1);
    const served = {
      candidate: sent.map(([at]) => candidate.serve(at)),
      baseline: sent.map(([, at]) => baseline.serve(at)),
    };
    logs.candidate.add(served.candidate);
    logs.baseline.add(served.baseline);
    users?.pass(served);
    const passedMs = seconds * BLOCK_MS;
    const observed = { candidate: logs.candidate.read(passedMs), baseline: logs.baseline.read(passedMs) };
    const oldestPendingMs = Math.max(observed.candidate.oldestPendingMs, observed.baseline.oldestPendingMs);
    const phase = phaseOf({ passedMs, bakeMs: BAKE_MS, oldestPendingMs });
    const { kind } = decide((at) => judge(observed, { phase: at, isPeerIdle }), judgeUsers(seconds, phase), phase);
    if (kind !== "undecided") return { kind, seconds, isExtended };
    isExtended ||= phase === "due";
  }
}

/** Blocks of the metrics take so many seconds: nothing new is known in between. */
const SECONDS_PER_BLOCK = 3;

function createUsersJudge({ read, before }: UsersStep, isPeerIdle: boolean) {
  let last: MetricsVerdict = { kind: "waiting", reasons: [] };
  return (seconds: number, phase: Phase): MetricsVerdict => {
    const passedShare = (seconds * BLOCK_MS) / (BAKE_MS * MAX_EXTENSION);
    if (seconds % SECONDS_PER_BLOCK === 0 || phase === "last")
      last = judgeMetrics(read(), { phase, isPeerIdle, before, passedShare });
    return last;
  };
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
