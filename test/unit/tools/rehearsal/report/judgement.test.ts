import { describe, test } from "vitest";

import type { RequestRecord } from "../../../../../tools/rehearsal/load/record.ts";
import { checkAll } from "../../../../../tools/rehearsal/report/checks.ts";
import { evaluate, type Evidence } from "../../../../../tools/rehearsal/report/evaluation.ts";
import { type Check, exitCodeOf } from "../../../../../tools/rehearsal/report/outcome.ts";
import type { ScenarioRun } from "../../../../../tools/rehearsal/report/run.ts";
import { formatResult, formatTotals } from "../../../../../tools/rehearsal/report/text.ts";
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
  status: 200,
  isLate: false,
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
  foundBy: [],
  previous: "old",
  candidate: "new",
  deployments: [sharing(10_000, 10), sharing(20_000, 50), alone(30_000, "new")],
  failedAt: null,
  verifiedAt: null,
  hasMissedFault: false,
  isSuperseded: false,
  problems: [],
};

const REJECTED: ScenarioRun = {
  ...GOOD,
  scenario: scenario("errors"),
  exitCode: 3,
  stage: "10 %",
  foundBy: ["probes"],
  deployments: [sharing(10_000, 10), alone(20_000, "old")],
  failedAt: 10_500,
  verifiedAt: 22_000,
};

const spread = (from: number, percentage: number): RequestRecord[] =>
  Array.from({ length: 100 }, (_, index) =>
    record(from + index, { version: index < percentage ? "new" : "old", affinityKey: null }),
  );

const LATER = { id: "b", userId: "user", occurredAt: 1 };

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
  room: { samples: [], shares: [], capacity: 300, rate: 100 },
  telemetry: {
    edge: [
      { versionId: "old", answers: { 200: 1_000, 304: 5 }, unanswered: 0 },
      { versionId: "new", answers: { 200: 500 }, unanswered: 0 },
    ],
    counted: [
      {
        versionId: "old",
        statuses: new Map([
          ["200", 1_000],
          ["304", 5],
        ]),
      },
      { versionId: "new", statuses: new Map([["200", 500]]) },
    ],
    lost: 0,
    disturbances: { lostAnswers: 1, evictions: 1 },
  },
  subscribers: {
    sightings: [{ kind: "sse", ids: ["a"], reconnects: 0, invalid: [] }],
    outbox: [{ id: "a", userId: "user", occurredAt: 0 }],
    webhookSince: 0,
  },
};

const checksOf = (evidence: Evidence, leftProcesses: string[] = [], minRequests: number | null = null): Check[] =>
  checkAll(evaluate(evidence), { minRequests, leftProcesses });

const namesOf = (checks: readonly Check[], wanted: Check["outcome"]): string[] =>
  checks.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);

const failedNames = (...args: Parameters<typeof checksOf>): string[] => namesOf(checksOf(...args), "broken");

/** As evidence, but a Worker that does nothing took 5 s at 11 s, and one second later the same again. */
const withoutRoom = (evidence: Evidence): Evidence => ({
  ...evidence,
  room: {
    ...evidence.room,
    samples: [
      { at: 9_000, lagMs: 5, starvedShare: 0.1, shed: 0, controls: [{ at: 8_900, ms: 10, isAnswered: true }] },
      { at: 16_500, lagMs: 5, starvedShare: 0.1, shed: 40, controls: [{ at: 11_000, ms: 5_000, isAnswered: true }] },
    ],
  },
});

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
    [
      "the subscriber by SSE has seen each event once",
      { ...SOUND, subscribers: { ...SOUND.subscribers, outbox: [...SOUND.subscribers.outbox, LATER] } },
    ],
    ["no write is applied twice", { ...SOUND, rows: [{ id: "id-1", username: "load1", full_name: "A", version: 1 }] }],
  ])("fail for: %s", ([name, evidence], { expect }) => {
    expect(failedNames(evidence)).toEqual([name]);
  });

  test("fail when a process is left, and prove nothing when too little was asked", ({ expect }) => {
    expect(failedNames(SOUND, ["12 workerd"])).toEqual(["no process is left"]);
    expect(namesOf(checksOf(SOUND, [], 30_000), "inconclusive")).toEqual(["no request is lost"]);
  });

  test("fail when a good version skipped a step", ({ expect }) => {
    const runs = [{ ...GOOD, deployments: [sharing(10_000, 10), alone(30_000, "new")] }];
    const records = spread(15_000, 10);
    expect(failedNames({ ...SOUND, runs, records })).toContain("shares are within 2 points of their target");
  });
});

describe("on a machine without room", () => {
  const late = { problem: "no whole answer in 10000 ms", version: null, status: null, isLate: true, ms: 10_000 };
  const outcomes = (evidence: Evidence): [string[], string[]] => {
    const checks = checksOf(evidence);
    return [namesOf(checks, "broken"), namesOf(checks, "inconclusive")];
  };
  const add = (...records: RequestRecord[]): Evidence => ({ ...SOUND, records: [...SOUND.records, ...records] });

  test("an answer that came too late proves nothing, and is lost on one that had room", ({ expect }) => {
    expect(outcomes(withoutRoom(add(record(10_500, late))))).toEqual([[], ["no request is lost"]]);
    expect(outcomes(withoutRoom(add(record(10_500, { problem: "status 504", status: 504, ms: 5_000 }))))[0]).toEqual(
      [],
    );
    expect(outcomes(add(record(10_500, late)))).toEqual([["no request is lost"], []]);
  });

  test.for<[string, Partial<RequestRecord>, number]>([
    ["a wrong answer", { problem: "status 500, not 200", status: 500 }, 12_000],
    ["a broken connection", { problem: "ECONNRESET", status: null, version: null }, 12_000],
    ["a late answer at another time", late, 25_000],
  ])("%s is lost all the same", ([, changes, at], { expect }) => {
    expect(outcomes(withoutRoom(add(record(at, changes))))).toEqual([["no request is lost"], []]);
  });

  test("a good version that was rejected proves nothing, one that was missed does", ({ expect }) => {
    const rejected = { ...GOOD, exitCode: 3, problems: ["exit code 3, expected 0"] };
    const of = (run: ScenarioRun): [string[], string[]] => outcomes(withoutRoom({ ...SOUND, runs: [run] }));
    expect(of(rejected)).toEqual([[], ["scenario good: good, new column"]]);
    expect(of({ ...rejected, hasMissedFault: true })[0]).toEqual(["scenario good: good, new column"]);
  });

  test("a fault that was caught a step later is caught", ({ expect }) => {
    const later = { ...REJECTED, stage: "50 %", problems: ["stopped at 50 %, expected 10 %"] };
    const check = (evidence: Evidence): Check | undefined => checksOf({ ...evidence, runs: [later] })[0];
    expect(check(withoutRoom(SOUND))?.outcome).toBe("held");
    expect(check(SOUND)?.outcome).toBe("broken");
  });

  test("a rollback may take longer, but not for ever", ({ expect }) => {
    const fault = { version: "new", injectedFault: "error", problem: "status 500" };
    const outcome = (verifiedAt: number): Check["outcome"] | undefined => {
      const runs = [{ ...REJECTED, verifiedAt, endedAt: 60_000 }];
      const records = [record(11_000, fault), record(verifiedAt - 500, fault)];
      return checksOf(withoutRoom({ ...SOUND, runs, records })).find(({ name }) => name.startsWith("rolled back"))
        ?.outcome;
    };
    expect([outcome(25_000), outcome(45_000)]).toEqual(["held", "broken"]);
  });

  test("a release that was done once more counts for what came of it then", ({ expect }) => {
    const rejected = { ...GOOD, exitCode: 3, isSuperseded: true, problems: ["exit code 3, expected 0"] };
    expect(outcomes(withoutRoom({ ...SOUND, runs: [rejected, GOOD] }))).toEqual([[], []]);
  });

  test("lost writes and processes that are left stay what they are", ({ expect }) => {
    const rows = [{ id: "id-1", username: "load1", full_name: "A", version: 1 }];
    expect(failedNames(withoutRoom({ ...SOUND, rows }), ["12 workerd"])).toEqual([
      "no write is applied twice",
      "no process is left",
    ]);
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
    expect(result?.rollbackMs).toBe(14_000 - 13_010);
  });

  test("fail the rehearsal when the rollback took longer than 8 s, or let requests through", ({ expect }) => {
    const late = { ...REJECTED, verifiedAt: 24_000, endedAt: 30_000 };
    const name = "rolled back within 8 s of the first visible fault";
    const check = (seen: Evidence, run: ScenarioRun): Check | undefined =>
      checkAll(evaluate({ ...seen, runs: [run] }), { minRequests: null, leftProcesses: [] }).find(
        (found) => found.name === name,
      );
    const failed = (run: ScenarioRun, ...records: RequestRecord[]) => check(evidence(...records), run);
    expect(failed(REJECTED, record(14_500, fault))?.outcome).toBe("held");
    expect(failed(late, record(14_500, fault), record(23_000, fault))?.outcome).toBe("broken");
    expect(failed(REJECTED, record(14_500, fault), record(23_000, fault))?.outcome).toBe("broken");
    const slow = withoutRoom(evidence(record(14_500, fault), record(23_000, fault)));
    expect(check(slow, late)).toMatchObject({ outcome: "held", detail: expect.stringContaining("1 without room") });
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
    const lines = formatResult(evaluation, [{ name: "a check", outcome: "broken", detail: "why" }]);
    expect(lines[2]).toMatch(/^good, new column +- +- +- +- +203 +0 +0 +0 +10.0 % +51.0 %$/);
    expect(lines[3]).toMatch(/^fails 5 % of requests +10 % +10 % +probes +11.5 s +0 +0 +0 +0 +10.0 % +-$/);
    expect(lines[4]).toMatch(/^total +203 +0 +0 +0$/);
    expect(lines.at(-3)).toBe("FAIL  a check (why)");
    expect(lines.at(-1)).toContain("room: 100 requests a second of 300 that this machine answers");
  });

  test.for<[Check["outcome"][], string, number]>([
    [["held", "held"], "2 passed, 0 failed", 0],
    [["held", "inconclusive"], "1 passed, 0 failed, 1 inconclusive", 75],
    [["broken", "inconclusive"], "0 passed, 1 failed, 1 inconclusive", 1],
  ])("ends with the counts: %j", ([outcomes, line, code], { expect }) => {
    const checks = outcomes.map((outcome) => ({ name: "a check", outcome, detail: "" }));
    expect(formatTotals(checks).at(-1)).toBe(line);
    expect(formatTotals(checks).some((text) => text.includes("no room"))).toBe(code === 75);
    expect(exitCodeOf(checks)).toBe(code);
  });
});
