import { describe, test } from "vitest";

import { FINDING_KINDS } from "../../../../tools/chaos/check/finding.ts";
import { FAULT_NAMES } from "../../../../tools/chaos/faults/kinds.ts";
import { checkChaos } from "../../../../tools/chaos/report/checks.ts";
import { formatChaos } from "../../../../tools/chaos/report/text.ts";
import type { ChaosResult } from "../../../../tools/chaos/run.ts";
import { exitCodeOf } from "../../../../tools/rehearsal/report/outcome.ts";

const ANSWERS = {
  requests: 12,
  answers: new Map([["200", 12]]),
  unanswered: new Map<string, number>(),
  complaints: new Map<string, number>(),
  internalErrors: 0,
};

const GOOD: ChaosResult = {
  options: { operations: 10, faults: FAULT_NAMES.length, kills: 1, clients: 2, rate: 100, seconds: 60, seed: 7 },
  operations: 10,
  elapsedMs: 1_000,
  tellsOutcome: true,
  answers: ANSWERS,
  faults: new Map(FAULT_NAMES.map((name) => [name, { injected: 1, hit: 1 }])),
  outages: [{ downMs: 500, recoveryMs: 5_000, wasStarved: false }],
  troubles: [],
  findings: [],
  history: { own: [], shared: [] },
  content: { users: [], keys: [] },
  workerEnd: null,
};

const notHeld = (more: Partial<ChaosResult>): string[] =>
  checkChaos({ ...GOOD, ...more }).flatMap(({ name, outcome }) => (outcome === "held" ? [] : [`${outcome}: ${name}`]));

describe("the checks of a run", () => {
  test("a good one holds all", ({ expect }) => {
    expect(notHeld({})).toEqual([]);
    expect(exitCodeOf(checkChaos(GOOD))).toBe(0);
    expect(formatChaos(GOOD, checkChaos(GOOD)).trim().split("\n").slice(-2)).toEqual(["seed 7", "15 passed, 0 failed"]);
  });

  test.for(FINDING_KINDS)("a finding breaks its check: %s", (kind, { expect }) => {
    const findings = [{ kind, username: "ada", detail: "what was seen" }];
    expect(notHeld({ findings })).toEqual([expect.stringMatching(/^broken: /)]);
  });

  test.for<[string, Partial<ChaosResult>]>([
    ["inconclusive: all operations were done", { operations: 9 }],
    ["broken: all faults have hit", { faults: new Map([...GOOD.faults].filter(([name]) => name !== "slow body")) }],
    ["broken: all faults have hit", { troubles: ["fault: the gateway refuses it"] }],
    ["broken: the database was killed", { outages: [] }],
    [
      "broken: every answer is a foreseen one, and quotes nothing",
      { answers: { ...ANSWERS, complaints: new Map([["a 400", 1]]) } },
    ],
    ["broken: no answer is a 500", { answers: { ...ANSWERS, internalErrors: 1 } }],
    ["broken: every request is answered", { answers: { ...ANSWERS, unanswered: new Map([["read: late", 1]]) } }],
    ["broken: ready again 5 s after the database", { outages: [{ downMs: 1, recoveryMs: 5_001, wasStarved: false }] }],
    ["broken: ready again 5 s after the database", { outages: [{ downMs: 1, recoveryMs: null, wasStarved: false }] }],
    [
      "inconclusive: ready again 5 s after the database",
      { outages: [{ downMs: 1, recoveryMs: 5_001, wasStarved: true }] },
    ],
    ["broken: the Worker's process lives on", { workerEnd: "ended unexpectedly" }],
  ])("%s", ([line, more], { expect }) => {
    expect(notHeld(more)).toEqual([line]);
  });
});
