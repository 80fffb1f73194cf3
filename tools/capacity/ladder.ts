import { ASSUMED } from "./inputs.ts";
import { firstLimitOf, type Limit, limitsOf } from "./limits/index.ts";
import { DEFAULT_SETUP, type Scenario, type Setup } from "./scenario.ts";

/** A setup of the service, with what it changes in the one before it. */
export interface Step {
  readonly name: string;
  readonly turnOn: string;
  readonly price: string;
  readonly changes: Partial<Setup>;
}

/** From the simplest setup to the one that carries most. Each keeps what the ones before it have turned on. */
export const STEPS: readonly Step[] = [
  {
    name: "free",
    turnOn: "nothing",
    price: "the database sleeps, and stops for the rest of the month",
    changes: { plan: "free", driver: "http", replicas: 0, logShare: 1, traceShare: 0.1, sweepsPerHour: 1 },
  },
  {
    name: "paid",
    turnOn: "Workers Paid, Neon Launch without scale to zero, placement next to the database",
    price: "far clients wait for the way to one region",
    changes: { plan: "launch" },
  },
  {
    name: "pool",
    turnOn: "Hyperdrive without query cache, logs sampled at 10 %, a sweep each minute",
    price: "another driver; nine of ten requests leave no log",
    changes: { driver: "hyperdrive", logShare: 0.1, traceShare: 0.01, sweepsPerHour: 60 },
  },
  {
    name: "replicas",
    turnOn: "3 read replicas, logs sampled at 1 %",
    price: "reads lag behind writes; read-your-writes has to be built",
    changes: { replicas: 3, logShare: 0.01, traceShare: 0.001 },
  },
  {
    name: "regions",
    turnOn: "Neon Scale, 4 databases in 4 regions, each with part of the users",
    price: "uniqueness and lists end at the region's border",
    changes: { plan: "scale", regions: 4 },
  },
];

export interface Recommendation {
  readonly step: Step;
  readonly scenario: Scenario;
  /** The first one that steps can move. */
  readonly firstLimit: Limit;
  /** Limits in its way that no step moves; each has a remedy. */
  readonly besides: readonly Limit[];
  /** Whether the setup carries the load with the headroom that the model asks for. */
  readonly isEnough: boolean;
}

/** The scenario after all steps up to the named one, whatever it had turned on itself. */
export function scenarioAt(name: string, scenario: Scenario): Scenario {
  const last = STEPS.findIndex((step) => step.name === name);
  if (last === -1) throw new Error(`there is no step "${name}"`);
  return STEPS.slice(0, last + 1).reduce<Scenario>((before, { changes }) => ({ ...before, ...changes }), {
    ...scenario,
    regions: DEFAULT_SETUP.regions,
  });
}

/** The first step whose limits lie above the load, with room for bursts; the last one if none does. */
export function recommend(scenario: Scenario): Recommendation {
  const candidates = STEPS.map((step): Recommendation => {
    const target = scenarioAt(step.name, scenario);
    const needed = target.requestsPerSecond / ASSUMED.targetUtilisation.value;
    const firstLimit = firstLimitOf({ ...target, callers: null, telemetryShare: 0 });
    const besides = limitsOf(target).filter(({ remedy, bindsAt }) => remedy !== undefined && bindsAt < needed);
    return { step, scenario: target, firstLimit, besides, isEnough: firstLimit.bindsAt >= needed };
  });
  const found = candidates.find(({ isEnough }) => isEnough) ?? candidates.at(-1);
  if (found === undefined) throw new Error("a ladder without steps");
  return found;
}

/** Whether every limit lies so far above the load that bursts fit. */
export function hasHeadroom(scenario: Scenario): boolean {
  return firstLimitOf(scenario).bindsAt >= scenario.requestsPerSecond / ASSUMED.targetUtilisation.value;
}
