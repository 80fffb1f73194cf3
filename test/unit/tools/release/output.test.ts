import { describe, test } from "vitest";

import { createConsoleProgress } from "../../../../tools/release/command/console-progress.ts";
import { formatComparison, summarize } from "../../../../tools/release/report/comparison-summary.ts";
import { describeEnding } from "../../../../tools/release/report/ending.ts";
import { EXIT_CODES, type Outcome } from "../../../../tools/release/report/outcome.ts";
import { formatPlan } from "../../../../tools/release/report/plan.ts";
import type { ReleaseReport, StageRecord } from "../../../../tools/release/report/report.ts";
import { COMMIT, comparisonOf, NEW, OLD, PLAN } from "../../../support/release-fakes.ts";

const record = (overrides: Partial<StageRecord> = {}): StageRecord => ({
  name: "10 %",
  startedAt: "2026-01-01T00:00:00.000Z",
  ms: 2_500,
  outcome: "passed",
  detail: [],
  ...overrides,
});

function open(isTerminal: boolean, hasColor = isTerminal) {
  let nowMs = 1_000;
  const written: string[] = [];
  const progress = createConsoleProgress({
    write: (text) => void written.push(text),
    isTerminal,
    hasColor,
    width: () => 60,
    now: () => nowMs,
  });
  return { progress, text: () => written.join(""), advance: (ms: number) => void (nowMs += ms) };
}

describe("the progress in a log", () => {
  test("is plain lines with the seconds since the start", ({ expect }) => {
    const { progress, text, advance } = open(false);
    progress.stageStarted("10 %");
    advance(2_500);
    progress.stageEnded(record({ outcome: "failed", detail: ["two\nlines"] }));
    expect(text()).toBe(
      [
        "[    0.0 s] 10 % …",
        "[    2.5 s] FAILED      10 %         2.5 s",
        "[    2.5 s]             two",
        "[    2.5 s]             lines",
        "",
      ].join("\n"),
    );
  });

  test("tells measurements now and then only", ({ expect }) => {
    const { progress, text, advance } = open(false);
    progress.stageStarted("10 %");
    for (let second = 1; second <= 11; second++) {
      advance(1_000);
      progress.update(`second ${second}`);
    }
    expect(text().match(/second \d+/g)).toEqual(["second 5", "second 10"]);
  });
});

describe("the progress at a terminal", () => {
  test("has colours only where they are wanted", ({ expect }) => {
    const [plain, coloured] = [open(true, false), open(true, true)];
    for (const { progress } of [plain, coloured]) progress.stageEnded(record());
    expect(plain.text()).not.toContain("\u001B[32m");
    expect(coloured.text()).toContain("\u001B[32mok");
  });

  test("rewrites its line, within the width", ({ expect }) => {
    const { progress, text } = open(true);
    progress.stageStarted("smoke");
    progress.update("x".repeat(200));
    progress.note("a note");
    progress.close();
    for (const line of text().split("\r\u001B[2K")) expect(line.length).toBeLessThan(60);
    expect(text()).toContain("  a note\n");
  });
});

describe("a comparison in words", () => {
  test("says how many, how bad and how fast", ({ expect }) => {
    const comparison = comparisonOf({ samples: 10, errors: 1 });
    expect(formatComparison(summarize(comparison))).toBe(
      "new 10 requests, 1 failed, median 19 ms; old 240 requests, 0 failed, median 19 ms",
    );
  });

  test("knows no median of nothing", ({ expect }) => {
    const nothing = { samples: 0, errors: 0, latenciesMs: [], blocks: [] };
    const summary = summarize({
      candidate: nothing,
      baseline: { samples: 3, errors: 0, latenciesMs: [3, 1, 2.04], blocks: [] },
      examples: [],
    });
    expect(summary).toEqual({
      candidate: { samples: 0, errors: 0, medianMs: null, p95Ms: null },
      baseline: { samples: 3, errors: 0, medianMs: 2, p95Ms: 3 },
    });
    expect(formatComparison(summary)).toContain("new 0 requests, 0 failed; old");
  });
});

const report = (outcome: Outcome, overrides: Partial<ReleaseReport> = {}): ReleaseReport => ({
  target: "rehearsal",
  env: "staging",
  worker: "users-api-staging",
  url: "http://127.0.0.1:1",
  commit: COMMIT,
  previousId: OLD,
  startupMs: 42,
  newId: NEW,
  migrations: [],
  stages: [],
  outcome,
  exitCode: EXIT_CODES[outcome],
  failedStage: "10 %",
  reasons: ["too slow"],
  rollback: null,
  startedAt: "",
  finishedAt: "",
  ms: 61_000,
  ...overrides,
});

describe("the last lines", () => {
  test("say what is live", ({ expect }) => {
    expect(describeEnding(report("released", { reasons: [] }), false)).toBe(
      `Released: ${NEW} serves all of users-api-staging after 61.0 s.`,
    );
    expect(describeEnding(report("rolled-back"), false)).toBe(
      `Rejected at 10 % and rolled back: ${OLD} serves all of users-api-staging; verified.\n  - too slow`,
    );
    expect(describeEnding(report("stopped"), false)).toContain(`${OLD} serves as before`);
    expect(describeEnding(report("checked", { reasons: [] }), false)).toContain("nothing was changed");
  });

  test("say how an interruption ended", ({ expect }) => {
    const rollback = { startedAt: "", ms: 1, verified: true, by: "us" } as const;
    const end = (overrides: Partial<ReleaseReport>) =>
      describeEnding(report("interrupted", { reasons: [], ...overrides }), true);
    expect(end({ rollback })).toContain(`rolled back, ${OLD} serves all`);
    expect(end({})).toBe("Interrupted at 10 %: no deployment was changed.");
    expect(end({ migrations: ["0003_a"] })).toContain("only expand: 0003_a");
    expect(end({ migrations: ["0003_a"] })).toContain("npm run db:release");
    expect(describeEnding(report("released", { reasons: [] }), true)).toContain("came too late");
  });

  test("repeat a few reasons only, but all of them when nothing is certain", ({ expect }) => {
    const reasons = Array.from({ length: 7 }, (_, place) => `reason ${place + 1}`);
    expect(describeEnding(report("rolled-back", { reasons }), false)).toMatch(/reason 5\n {2}and 2 more, above$/);
    expect(describeEnding(report("unverified", { reasons }), false)).toContain("reason 7");
  });

  test("give the commands when nothing is certain, with the id", ({ expect }) => {
    expect(describeEnding(report("unverified"), false).split("\n")).toEqual([
      expect.stringContaining("NOT VERIFIED"),
      "  - too slow",
      "Look what is live:",
      "  npx wrangler deployments list --env staging",
      "Give all traffic to the version that is known to be good:",
      `  npm run rollback -- --env staging --to ${OLD}`,
    ]);
  });
});

test("the way out after somebody else's deployment says to look first", ({ expect }) => {
  const rollback = { startedAt: "", ms: 1, verified: false, by: "someone else" } as const;
  const text = describeEnding(report("unverified", { rollback }), false);
  expect(text).toContain("Look first");
  expect(text).not.toContain("known to be good");
  expect(text).toMatch(new RegExp(`Only if nobody is at it.*\n {2}npm run rollback -- --env staging --to ${OLD}$`));
});

test("the plan says what will happen", ({ expect }) => {
  const checkedOut = { commit: COMMIT, subject: "feat: a change", changes: [] };
  const plan = formatPlan(PLAN, { checkedOut, previous: OLD, startupMs: 42 }, ["0003_a"]);
  for (const text of [
    "0123456789ab feat: a change",
    "users-api-staging (staging)",
    OLD,
    "0003_a",
    "42 ms of CPU",
    "10 %, 50 %, 100 %",
    "5 s",
  ])
    expect(plan).toContain(text);
});
