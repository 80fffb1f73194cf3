import { describe, test } from "vitest";

import type { RequestRecord } from "../../../../../tools/rehearsal/load/record.ts";
import { type Check, checkAll } from "../../../../../tools/rehearsal/report/checks.ts";
import { evaluate, type Evidence } from "../../../../../tools/rehearsal/report/evaluation.ts";
import type { ScenarioRun } from "../../../../../tools/rehearsal/report/run.ts";
import { formatResult } from "../../../../../tools/rehearsal/report/text.ts";
import { compareWrites } from "../../../../../tools/rehearsal/report/writes.ts";
import { SCENARIOS } from "../../../../../tools/rehearsal/scenarios/scenarios.ts";

function scenario(name: string) {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const sharing = (createdAt: number, percentage: number) => ({
  id: `d${createdAt}`,
  createdAt,
  message: null,
  shares: [
    { versionId: "new", percentage },
    { versionId: "old", percentage: 100 - percentage },
  ],
});

const alone = (createdAt: number, versionId: string) => ({
  id: `d${createdAt}`,
  createdAt,
  message: null,
  shares: [{ versionId, percentage: 100 }],
});

const record = (at: number, changes: Partial<RequestRecord> = {}): RequestRecord => ({
  at,
  ms: 10,
  version: "old",
  affinityKey: null,
  operation: "list",
  injectedFault: null,
  problem: null,
  ...changes,
});

const GOOD: ScenarioRun = {
  scenario: scenario("good"),
  startedAt: 0,
  endedAt: 40_000,
  exitCode: 0,
  stage: null,
  previous: "old",
  candidate: "new",
  deployments: [sharing(10_000, 10), sharing(20_000, 50), alone(30_000, "new")],
  failedAt: null,
  verifiedAt: null,
  problems: [],
};

const REJECTED: ScenarioRun = {
  ...GOOD,
  scenario: scenario("errors"),
  exitCode: 3,
  stage: "10 %",
  deployments: [sharing(10_000, 10), alone(20_000, "old")],
  failedAt: 10_500,
  verifiedAt: 22_000,
};

const spread = (from: number, percentage: number): RequestRecord[] =>
  Array.from({ length: 100 }, (_, index) =>
    record(from + index, { version: index < percentage ? "new" : "old", affinityKey: null }),
  );

const SOUND: Evidence = {
  runs: [GOOD],
  records: [
    ...spread(15_000, 10),
    record(15_500, { affinityKey: "a" }),
    ...spread(25_000, 51),
    record(25_500, { affinityKey: "a", version: "new" }),
    record(30_500, { ms: 3_000 }),
  ],
  deployments: GOOD.deployments,
  expectations: [],
  rows: [],
  propagationMs: 1_000,
};

const failedNames = (evidence: Evidence, leftProcesses: string[] = [], minRequests: number | null = null): string[] =>
  checkAll(evaluate(evidence), { minRequests, leftProcesses })
    .filter(({ isPassed }) => !isPassed)
    .map(({ name }) => name);

describe("the checks", () => {
  test("pass for a sound release", ({ expect }) => {
    expect(failedNames(SOUND)).toEqual([]);
  });

  test.for<[string, Evidence]>([
    ["no request is lost", { ...SOUND, records: [...SOUND.records, record(16_000, { problem: "ECONNRESET" })] }],
    [
      "shares are within 2 points of their target",
      { ...SOUND, records: [...SOUND.records.slice(0, -1), ...spread(16_000, 20), record(30_500, { ms: 3_000 })] },
    ],
    [
      "affinity moves no key back",
      { ...SOUND, records: [...SOUND.records, record(26_000, { affinityKey: "a", version: "old" })] },
    ],
    ["versions were removed with requests under way", { ...SOUND, records: SOUND.records.slice(0, -1) }],
    ["scenario good: good, new column", { ...SOUND, runs: [{ ...GOOD, problems: ["exit code 1, expected 0"] }] }],
    [
      "no acknowledged write is lost",
      { ...SOUND, expectations: [{ username: "load1", allowed: [{ id: "id-1", fullName: "A", version: 1 }] }] },
    ],
    ["no write is applied twice", { ...SOUND, rows: [{ id: "id-1", username: "load1", full_name: "A", version: 1 }] }],
  ])("fail for: %s", ([name, evidence], { expect }) => {
    expect(failedNames(evidence)).toEqual([name]);
  });

  test("fail when a process is left or too little was asked", ({ expect }) => {
    expect(failedNames(SOUND, ["12 workerd"])).toEqual(["no process is left"]);
    expect(failedNames(SOUND, [], 30_000)).toEqual(["no request is lost"]);
  });

  test("fail when a good version skipped a step", ({ expect }) => {
    const runs = [{ ...GOOD, deployments: [sharing(10_000, 10), alone(30_000, "new")] }];
    const records = spread(15_000, 10);
    expect(failedNames({ ...SOUND, runs, records })).toContain("shares are within 2 points of their target");
  });
});

describe("failures of a version that is broken on purpose", () => {
  const fault = { version: "new", injectedFault: "error", problem: "status 500" };
  const evidence = (...records: RequestRecord[]): Evidence => ({ ...SOUND, runs: [REJECTED], records });

  test("are forgiven while it is under release", ({ expect }) => {
    const { lost, forgiven } = evaluate(evidence(record(12_000, fault)));
    expect([lost.length, forgiven.length]).toEqual([0, 1]);
  });

  test.for<[string, Partial<RequestRecord>, number]>([
    ["without a mark", { injectedFault: null }, 12_000],
    ["with another mark", { injectedFault: "slow" }, 12_000],
    ["of another version", { version: "old" }, 12_000],
    ["after the release", {}, 41_000],
  ])("are not forgiven %s", ([, changes, at], { expect }) => {
    const { lost, forgiven } = evaluate(evidence(record(at, { ...fault, ...changes })));
    expect([lost.length, forgiven.length]).toEqual([1, 0]);
  });

  test("set the time from which the rollback is measured", ({ expect }) => {
    const [result] = evaluate(evidence(record(13_000, fault), record(14_000, fault))).results;
    expect(result?.rollbackMs).toBe(22_000 - 13_010);
  });

  test("fail the rehearsal when the rollback took longer than 30 s, or let requests through", ({ expect }) => {
    const late = { ...REJECTED, verifiedAt: 60_000, endedAt: 70_000 };
    const name = "rolled back within 30 s of the first visible fault";
    const failed = (run: ScenarioRun, ...records: RequestRecord[]): Check | undefined =>
      checkAll(evaluate({ ...evidence(...records), runs: [run] }), { minRequests: null, leftProcesses: [] }).find(
        (check) => check.name === name,
      );
    expect(failed(REJECTED, record(13_000, fault))?.isPassed).toBe(true);
    expect(failed(late, record(13_000, fault))?.isPassed).toBe(false);
    expect(failed(REJECTED, record(13_000, fault), record(23_000, fault))?.isPassed).toBe(false);
  });
});

describe("the comparison of writes", () => {
  const row = { id: "id-1", username: "load1", full_name: "A", version: 2 };
  const known = { id: "id-1", fullName: "A", version: 2 };

  test.for<[string, (typeof known | null)[], (typeof row)[], number, number]>([
    ["is content with what was acknowledged", [known], [row], 0, 0],
    ["is content with either state after a missing answer", [null, known], [], 0, 0],
    ["misses a creation", [known], [], 1, 0],
    ["misses a change", [known], [{ ...row, version: 1 }], 1, 0],
    ["misses a change that another one has overwritten", [known], [{ ...row, full_name: "B" }], 1, 0],
    ["misses a deletion", [null], [row], 1, 0],
    ["sees a change that was applied twice", [known], [{ ...row, version: 3 }], 0, 1],
    ["sees another row under the name", [known], [{ ...row, id: "id-2" }], 1, 0],
  ])("%s", ([, allowed, rows, lost, twice], { expect }) => {
    const faults = compareWrites([{ username: "load1", allowed }], rows);
    expect([faults.lost.length, faults.twice.length]).toEqual([lost, twice]);
  });
});

describe("the table", () => {
  test("shows one line for each release, the totals and the checks", ({ expect }) => {
    const evaluation = evaluate({ ...SOUND, runs: [GOOD, { ...REJECTED, startedAt: 40_000, endedAt: 50_000 }] });
    const lines = formatResult(evaluation, [{ name: "a check", isPassed: false, detail: "why" }]);
    expect(lines[2]).toMatch(/^good, new column +- +- +- +203 +0 +0 +0 +10.0 % +51.0 %$/);
    expect(lines[3]).toMatch(/^fails 5 % of requests +10 % +10 % +11.5 s +0 +0 +0 +0 +10.0 % +-$/);
    expect(lines[4]).toMatch(/^total +203 +0 +0 +0$/);
    expect(lines.at(-1)).toBe("FAIL  a check (why)");
  });
});
