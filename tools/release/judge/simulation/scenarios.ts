import { type Fault, NO_FAULT } from "./service.ts";
import type { Users } from "./users.ts";
import { type Weather, WEATHERS } from "./weather.ts";

/** Releases of one kind of version under one kind of weather. */
export interface Scenario {
  readonly weatherName: WeatherName;
  readonly weather: Weather;
  readonly faultName: string;
  readonly fault: Fault;
  /** Whose requests the metrics tell of; probes alone when absent. */
  readonly users?: Users & { readonly name: string };
}

export type WeatherName = keyof typeof WEATHERS;

/** Under which faults are simulated; good versions are under each. */
export const FAULT_WEATHERS = ["fair", "storm"] as const satisfies readonly WeatherName[];

export const FAILING = [0.01, 0.02, 0.03, 0.05, 0.1, 1] as const;
export const SLOWNESS = [1.25, 1.5, 1.75, 2, 3] as const;

export const GOOD = "good";
export const failingName = (share: number): string => `${share * 100} % fail`;
export const slowName = (times: number): string => `${times} times as slow`;

const FAULTS: readonly (readonly [name: string, fault: Partial<Fault>])[] = [
  ...FAILING.map((failing) => [failingName(failing), { failing }] as const),
  ...SLOWNESS.map((slowness) => [slowName(slowness), { slowness }] as const),
  ["10 % take 300 ms more", { slowTail: 0.1 }],
  ["10 % hang", { hanging: 0.1 }],
  ["all hang", { hanging: 1 }],
];

export const SCENARIOS: readonly Scenario[] = [
  ...weatherNames().map((name) => toScenario(name, GOOD, {})),
  ...FAULTS.flatMap(([name, fault]) => FAULT_WEATHERS.map((weather) => toScenario(weather, name, fault))),
];

/** Users with whom good versions are released in any weather: the route that always fails is asked for twice as often on the new version. */
const MIXED_USERS = { name: "100 a second, another mix", rate: 100, isMixed: true } as const;
/** Users with whom faults are planted. */
export const FAULT_USERS = [
  { name: "20 a second", rate: 20, isMixed: false },
  { name: "100 a second", rate: 100, isMixed: false },
] as const;

/** What only the metrics see, or see sooner. */
const USERS_FAULTS: readonly (readonly [name: string, fault: Partial<Fault>])[] = [
  ["1 in 500 fails", { failing: 0.002 }],
  ["1 in 200 fails", { failing: 0.005 }],
  ["1 in 100 fails", { failing: 0.01 }],
  ["all writes fail", { failingWrites: 1 }],
  ["10 % of writes fail", { failingWrites: 0.1 }],
  ["1 in 100 writes fails", { failingWrites: 0.01 }],
  ["all writes are refused", { refusingWrites: 1 }],
  ["writes take 4 times as long", { slownessOfWrites: 4 }],
];

/** Releases that are judged by the metrics, too. */
export const USERS_SCENARIOS: readonly Scenario[] = [
  ...weatherNames().map((name) => ({ ...toScenario(name, GOOD, {}), users: MIXED_USERS })),
  ...FAULT_USERS.flatMap((users) => [
    ...FAULT_WEATHERS.map((weather) => ({ ...toScenario(weather, GOOD, {}), users })),
    ...USERS_FAULTS.map(([name, fault]) => ({ ...toScenario("fair", name, fault), users })),
  ]),
];

/** As the results name it. */
export const nameOf = ({
  faultName,
  weatherName,
  users,
}: Pick<Scenario, "faultName" | "weatherName" | "users">): string =>
  `${faultName}; ${weatherName}${users === undefined ? "" : `; ${users.name}`}`;

function weatherNames(): readonly WeatherName[] {
  const isName = (name: string): name is WeatherName => name in WEATHERS;
  return Object.keys(WEATHERS).filter(isName);
}

function toScenario(weatherName: WeatherName, faultName: string, fault: Partial<Fault>): Scenario {
  return { weatherName, weather: WEATHERS[weatherName], faultName, fault: { ...NO_FAULT, ...fault } };
}
