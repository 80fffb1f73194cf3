import {
  addHeader,
  addTelemetryClass,
  beSlow,
  breakSchema,
  breakStartUp,
  changeTelemetry,
  expandSchema,
  failRarely,
  failSome,
  failWrites,
  loseCacheControl,
  type Overlay,
} from "./overlays.ts";

/** What must be live when a command has ended. */
export type ExpectedLive =
  /** The version that was uploaded, alone. */
  | "new"
  /** The version that was live before, alone; there were other deployments in between. */
  | "previous"
  /** Not one deployment was made, and the database is as it was. */
  | "untouched"
  /** The version that this scenario released. */
  | { readonly releasedBy: string };

interface Expected {
  readonly exitCode: number;
  /** Where it was stopped, by the name in the command's report; null when it was not. */
  readonly stage: string | null;
  /** Where it may be stopped as well, when that hangs on how many requests there are. */
  readonly orStage?: string;
  /** The source that has to have spoken against it; any when absent. */
  readonly foundBy?: "probes" | "metrics";
  /** How long a bad version may get requests after its first visible fault; as all when absent. */
  readonly rollbackMs?: number;
  readonly live: ExpectedLive;
}

/** One command of an operator, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** In a few words, for the table. */
  readonly title: string;
  readonly command: "release" | "rollback";
  /** What is released. */
  readonly worker: "api" | "telemetry";
  /** That it is refused as an upload is tried first, with wrangler itself. */
  readonly isNoUpload: boolean;
  readonly overlay: Overlay | null;
  /** Of the release command; the usual ones when absent. */
  readonly args?: readonly string[];
  /** What the new version does wrong to requests, as it marks them. Nothing else is forgiven. */
  readonly injects: "error" | "slow" | null;
  readonly expected: Expected;
  /** Scenarios that must have been before. */
  readonly needs: readonly string[];
}

/** Name of the version that was there before the first scenario. */
export const PARENT = "parent";

const API = { worker: "api", isNoUpload: false } as const;
const RELEASE = { ...API, command: "release", injects: null, needs: [] } as const;
const ROLLBACK = { ...API, command: "rollback", overlay: null, injects: null } as const;
const RELEASED: Expected = { exitCode: 0, stage: null, live: "new" };
const ROLLED_BACK_AT = (stage: string): Expected => ({ exitCode: 3, stage, live: "previous" });
const REFUSED_AT = (stage: string): Expected => ({ exitCode: 1, stage, live: "untouched" });

/** In this order; the first step is `10 %`. */
export const SCENARIOS: readonly Scenario[] = [
  { ...RELEASE, name: "good", title: "good, new column", overlay: expandSchema, expected: RELEASED },
  {
    ...RELEASE,
    name: "telemetry",
    title: "telemetry, as a version",
    worker: "telemetry",
    overlay: changeTelemetry,
    expected: RELEASED,
  },
  {
    ...RELEASE,
    name: "start-up",
    title: "broken at start-up",
    overlay: breakStartUp,
    expected: REFUSED_AT("upload"),
  },
  {
    ...RELEASE,
    name: "smoke",
    title: "fails its smoke test",
    overlay: loseCacheControl,
    injects: "error",
    expected: ROLLED_BACK_AT("smoke"),
  },
  {
    ...RELEASE,
    name: "errors",
    title: "fails 5 % of requests",
    overlay: failSome,
    injects: "error",
    expected: ROLLED_BACK_AT("10 %"),
  },
  {
    ...RELEASE,
    name: "slow",
    title: "twice as slow",
    overlay: beSlow,
    injects: "slow",
    expected: ROLLED_BACK_AT("10 %"),
  },
  {
    ...RELEASE,
    name: "writes",
    title: "fails whatever writes",
    overlay: failWrites,
    injects: "error",
    // Probes only read: it takes some writes of users.
    expected: { ...ROLLED_BACK_AT("10 %"), foundBy: "metrics", rollbackMs: 25_000 },
  },
  {
    ...RELEASE,
    name: "rare",
    title: "fails 1 request in 500",
    overlay: failRarely,
    args: ["--steps", "50,100", "--bake", "30s"],
    injects: "error",
    expected: { ...ROLLED_BACK_AT("50 %"), orStage: "100 %", foundBy: "metrics", rollbackMs: 180_000 },
  },
  {
    ...RELEASE,
    name: "migration",
    title: "incompatible migration",
    overlay: breakSchema,
    expected: REFUSED_AT("migrate"),
  },
  {
    ...RELEASE,
    name: "telemetry-class",
    title: "telemetry, new class: at once",
    worker: "telemetry",
    isNoUpload: true,
    overlay: addTelemetryClass,
    expected: RELEASED,
  },
  { ...RELEASE, name: "good-again", title: "good again", overlay: addHeader, expected: RELEASED },
  {
    ...ROLLBACK,
    name: "rollback",
    title: "manual rollback",
    expected: { exitCode: 0, stage: null, live: { releasedBy: "good" } },
    needs: ["good", "good-again"],
  },
  {
    ...ROLLBACK,
    name: "rollback-again",
    title: "manual rollback again",
    // Not forward to the version that was just taken back, nor to one that was rejected.
    expected: { exitCode: 0, stage: null, live: { releasedBy: PARENT } },
    needs: ["good", "good-again", "rollback"],
  },
];

/** The scenarios asked for and what they need, in order; all of them when none is named. Throws for an unknown name. */
export function selectScenarios(names: readonly string[]): readonly Scenario[] {
  const unknown = names.find((wanted) => !SCENARIOS.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw new Error(`no scenario is named ${unknown}; there are: ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  }
  const wanted = new Set(
    SCENARIOS.flatMap(({ name, needs }) => (names.length === 0 || names.includes(name) ? [name, ...needs] : [])),
  );
  return SCENARIOS.filter(({ name }) => wanted.has(name));
}
