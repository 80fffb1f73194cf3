import { type Fault, NO_FAULT } from "./service.ts";
import { type Weather, WEATHERS } from "./weather.ts";

/** Releases of one kind of version under one kind of weather. */
export interface Scenario {
  readonly weatherName: WeatherName;
  readonly weather: Weather;
  readonly faultName: string;
  readonly fault: Fault;
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

/** As the results name it. */
export const nameOf = ({ faultName, weatherName }: Pick<Scenario, "faultName" | "weatherName">): string =>
  `${faultName}; ${weatherName}`;

function weatherNames(): readonly WeatherName[] {
  const isName = (name: string): name is WeatherName => name in WEATHERS;
  return Object.keys(WEATHERS).filter(isName);
}

function toScenario(weatherName: WeatherName, faultName: string, fault: Partial<Fault>): Scenario {
  return { weatherName, weather: WEATHERS[weatherName], faultName, fault: { ...NO_FAULT, ...fault } };
}
