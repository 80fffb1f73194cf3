import { describe, test } from "vitest";

import type { LiveDeployment } from "../../../../../tools/rehearsal/scenarios/live-deployments.ts";
import { SCENARIOS, selectScenarios } from "../../../../../tools/rehearsal/scenarios/scenarios.ts";
import { candidateOf, type Observation, problemsOf } from "../../../../../tools/rehearsal/scenarios/verdict.ts";

function scenario(name: string) {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const deployment = (id: string, ...shares: [string, number][]): LiveDeployment => ({
  id,
  createdAt: 0,
  message: null,
  shares: shares.map(([versionId, percentage]) => ({ versionId, percentage })),
});

const OLD = deployment("d1", ["old", 100]);
const STEP = deployment("d2", ["new", 10], ["old", 90]);
const RELEASED = deployment("d3", ["new", 100]);
const BACK = deployment("d4", ["old", 100]);

const seen = (changes: Partial<Observation>): Observation => ({
  exitCode: 0,
  stage: null,
  foundBy: [],
  hasReport: true,
  before: [OLD],
  after: [OLD, STEP, RELEASED],
  isSchemaTheSame: true,
  released: new Map([
    ["parent", "old"],
    ["good", "first"],
  ]),
  ...changes,
});

const CAUGHT = { exitCode: 3, stage: "10 %", after: [OLD, STEP, BACK] };
const REFUSED = { exitCode: 1, stage: "migrate", after: [OLD] };

describe("the verdict about a scenario", () => {
  test("is content when all is as expected", ({ expect }) => {
    expect(problemsOf(scenario("good"), seen({}))).toEqual([]);
    expect(problemsOf(scenario("errors"), seen(CAUGHT))).toEqual([]);
    expect(problemsOf(scenario("rare"), seen({ ...CAUGHT, stage: "100 %", foundBy: ["metrics"] }))).toEqual([]);
    expect(problemsOf(scenario("migration"), seen(REFUSED))).toEqual([]);
    expect(problemsOf(scenario("rollback"), seen({ after: [OLD, deployment("d2", ["first", 100])] }))).toEqual([]);
    expect(problemsOf(scenario("rollback-again"), seen({ after: [OLD] }))).toEqual([]);
  });

  test.for<[string, string, Partial<Observation>, string]>([
    ["a missed fault", "errors", {}, "exit code 0, expected 3"],
    ["a fault that was caught later", "errors", { ...CAUGHT, stage: "50 %" }, "stopped at 50 %, expected 10 %"],
    ["a rejected version that is still live", "errors", { ...CAUGHT, after: [OLD, RELEASED] }, "version new is live"],
    ["traffic that is still shared", "errors", { ...CAUGHT, after: [OLD, STEP] }, "no single version"],
    ["a deployment after a refusal", "migration", { ...REFUSED, after: [OLD, BACK] }, "deployments were made"],
    ["a changed database after a refusal", "migration", { ...REFUSED, isSchemaTheSame: false }, "database was changed"],
    ["a rollback to a rejected version", "rollback", { after: [OLD, RELEASED] }, "version new is live, expected first"],
    ["a release that has done nothing", "good", { after: [OLD] }, "version old is live"],
    ["a command without a report", "good", { hasReport: false }, "wrote no report"],
    ["a fault that probes cannot see, found by them", "writes", { ...CAUGHT, foundBy: ["probes"] }, "expected metrics"],
    ["a rare fault at another stage", "rare", { ...CAUGHT, stage: "smoke", foundBy: ["metrics"] }, "stopped at smoke"],
    ["a command that was ended", "good", { exitCode: null }, "exit code none"],
  ])("tells of %s", ([, name, changes, problem], { expect }) => {
    expect(problemsOf(scenario(name), seen(changes)).join("; ")).toContain(problem);
  });

  test("finds the version that a command has brought", ({ expect }) => {
    expect(candidateOf({ before: [OLD], after: [OLD, STEP] })).toBe("new");
    expect(candidateOf({ before: [OLD], after: [OLD, BACK] })).toBeNull();
  });
});

describe("the choice of scenarios", () => {
  test("is all of them, in order, unless some are named", ({ expect }) => {
    expect(selectScenarios([])).toEqual(SCENARIOS);
    expect(selectScenarios(["slow", "good"]).map(({ name }) => name)).toEqual(["good", "slow"]);
  });

  test("brings what the named ones need", ({ expect }) => {
    expect(selectScenarios(["rollback"]).map(({ name }) => name)).toEqual(["good", "good-again", "rollback"]);
    for (const { name, needs } of SCENARIOS) {
      expect(selectScenarios([name]).map((each) => each.name)).toEqual([...needs, name]);
    }
  });

  test("refuses an unknown name and tells the known ones", ({ expect }) => {
    expect(() => selectScenarios(["fast"])).toThrow("no scenario is named fast; there are: good, telemetry, start-up");
  });
});
