import { describe, test } from "vitest";

import { runRelease } from "../../../../tools/release/controller.ts";
import type { ReleasePorts, ReleasePlan } from "../../../../tools/release/ports.ts";
import type { ReleaseReport } from "../../../../tools/release/report/report.ts";
import {
  type Bench,
  comparisonOf,
  COMMIT,
  createBench,
  createFakeSource,
  FIRST_LOOK_MS,
  NEW,
  OLD,
  OTHER,
  PLAN,
} from "../../../support/release-fakes.ts";

interface Case {
  readonly ports?: Partial<ReleasePorts>;
  readonly plan?: Partial<ReleasePlan>;
  readonly signal?: AbortSignal;
}

async function release(
  bench: Bench,
  { plan = {}, ports = {}, signal = new AbortController().signal }: Case = {},
): Promise<ReleaseReport> {
  return await runRelease({
    plan: { ...PLAN, ...plan },
    ports: { ...bench.ports, ...ports },
    journal: bench.journal,
    signal,
    note: (text) => void bench.log.push(`note ${text}`),
    onTraffic: () => {},
  });
}

const writes = ({ controlPlane }: Bench): readonly string[] =>
  controlPlane.calls.filter((call) => call !== "deployments");
const ALL_OLD = [{ versionId: OLD, percentage: 100 }];
const ALL_NEW = [{ versionId: NEW, percentage: 100 }];

describe("a good version", () => {
  test("goes through all stages, always listed first, and ends alone", async ({ expect }) => {
    const bench = createBench();
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "released", exitCode: 0, failedStage: null, rollback: null, reasons: [] });
    expect(report).toMatchObject({ previousId: OLD, newId: NEW, commit: COMMIT });
    expect(report.stages.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual(
      ["preflight", "migrate", "upload", "0 %", "smoke", "10 %", "50 %", "100 %", "complete"].map(
        (name) => `${name}: passed`,
      ),
    );
    expect(writes(bench)).toEqual([
      `upload ${COMMIT.slice(0, 12)}`,
      `deploy ${NEW}@0 ${OLD}@100`,
      `deploy ${NEW}@10 ${OLD}@90`,
      `deploy ${NEW}@50 ${OLD}@50`,
      `deploy ${NEW}@100 ${OLD}@0`,
      `deploy ${NEW}@100`,
    ]);
    expect(bench.controlPlane.live()).toEqual(ALL_NEW);
  });

  test("is tested only after the override is known to reach it", async ({ expect }) => {
    const bench = createBench();
    await release(bench);
    const waited = bench.log.indexOf(`wait for ${NEW} by override`);
    expect(waited).toBeGreaterThan(bench.log.indexOf("stage 0 %"));
    expect(bench.log.indexOf(`smoke ${NEW}`)).toBeGreaterThan(waited);
  });

  test("is believed to be alone only when answers show it", async ({ expect }) => {
    const bench = createBench();
    await release(bench);
    expect(bench.log.at(-1)).toBe(`wait for ${NEW} without ${OLD}`);
  });

  test("is watched at each step for the whole time, beside the old one", async ({ expect }) => {
    const bench = createBench();
    const source = createFakeSource(bench.clock);
    const report = await release(bench, { ports: { source } });
    expect(source.observed).toEqual(["first look", 10, 50, 100].map(() => `${NEW} beside ${OLD}`));
    const steps = report.stages.filter(({ comparison }) => comparison !== undefined);
    expect(steps.map(({ percentage }) => percentage)).toEqual([10, 50, 100]);
    expect(steps.map(({ ms }) => ms)).toEqual([FIRST_LOOK_MS + PLAN.bakeMs, PLAN.bakeMs, PLAN.bakeMs]);
    expect(steps[0]?.comparison).toMatchObject({ candidate: { samples: 240, errors: 0, medianMs: 19 } });
  });

  test("takes the steps that were asked for", async ({ expect }) => {
    const bench = createBench();
    await release(bench, { plan: { steps: [100] } });
    expect(writes(bench).slice(1)).toEqual([
      `deploy ${NEW}@0 ${OLD}@100`,
      `deploy ${NEW}@100 ${OLD}@0`,
      `deploy ${NEW}@100`,
    ]);
  });
});

describe("a version that is rejected", () => {
  test.for([
    { at: "10 %", comparisons: [comparisonOf({ errors: 20 })] },
    { at: "50 %", comparisons: [comparisonOf(), comparisonOf({ errors: 20 })] },
    { at: "100 %", comparisons: [comparisonOf(), comparisonOf(), comparisonOf({ ms: 80 })] },
  ])("at $at is rolled back to the explicit previous id, and verified", async ({ at, comparisons }, { expect }) => {
    const bench = createBench();
    const source = createFakeSource(bench.clock, comparisons);
    const report = await release(bench, { ports: { source } });
    expect(report).toMatchObject({ outcome: "rolled-back", exitCode: 3, failedStage: at });
    expect(report.rollback).toMatchObject({ verified: true, by: "us" });
    expect(report.reasons.length).toBeGreaterThan(0);
    expect(report.stages.at(-1)).toMatchObject({ name: "rollback", outcome: "passed" });
    expect(writes(bench).at(-1)).toBe(`rollBack ${OLD}`);
    expect(bench.log.at(-1)).toBe(`wait for ${OLD} without ${NEW}`);
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
  });

  test("is told as soon as the evidence is there, not at the end of the time", async ({ expect }) => {
    const bench = createBench();
    const source = createFakeSource(bench.clock, [comparisonOf({ errors: 100 })]);
    const report = await release(bench, { plan: { bakeMs: 3_600_000 }, ports: { source } });
    const step = report.stages.find(({ name }) => name === "10 %");
    expect(step).toMatchObject({ ms: FIRST_LOOK_MS + 1_000, outcome: "failed" });
  });

  test("for too few samples is not given the benefit of the doubt", async ({ expect }) => {
    const bench = createBench();
    const source = createFakeSource(bench.clock, [comparisonOf({ samples: 3 })]);
    expect(await release(bench, { ports: { source } })).toMatchObject({ outcome: "rolled-back", failedStage: "10 %" });
  });

  test("because the measurements end or break", async ({ expect }) => {
    for (const observe of [
      async function* nothing() {},
      // eslint-disable-next-line require-yield -- it breaks before.
      async function* broken() {
        await Promise.reject(new Error("no probes"));
      },
    ]) {
      const bench = createBench({ source: { description: "", observe } });
      expect(await release(bench)).toMatchObject({ outcome: "rolled-back", failedStage: "10 %" });
      expect(bench.controlPlane.live()).toEqual(ALL_OLD);
    }
  });

  test("by the smoke test never gets a share", async ({ expect }) => {
    const failures = [{ name: "users: list", problems: ["expected status 200, saw 500"] }];
    const bench = createBench({
      smoke: () => Promise.resolve({ outcome: "failed", passed: 39, failed: 1, skipped: 0, failures }),
    });
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "rolled-back", failedStage: "smoke" });
    expect(report.reasons).toEqual(["users: list: expected status 200, saw 500"]);
    expect(writes(bench).slice(1)).toEqual([`deploy ${NEW}@0 ${OLD}@100`, `rollBack ${OLD}`]);
  });

  test.for(["unreachable", "credentials-missing"] as const)(
    "by a smoke test that is %s",
    async (outcome, { expect }) => {
      const bench = createBench({
        smoke: () => Promise.resolve({ outcome, passed: 0, failed: 0, skipped: 0, failures: [] }),
      });
      expect(await release(bench)).toMatchObject({ outcome: "rolled-back", failedStage: "smoke" });
    },
  );

  test("by a smoke test that proved nothing", async ({ expect }) => {
    const bench = createBench({
      smoke: () => Promise.resolve({ outcome: "passed", passed: 0, failed: 0, skipped: 40, failures: [] }),
    });
    expect(await release(bench)).toMatchObject({ outcome: "rolled-back", failedStage: "smoke" });
  });

  test("because the override never reaches it is not tested at all", async ({ expect }) => {
    const bench = createBench();
    const { waitForVersion } = bench.ports;
    const report = await release(bench, {
      ports: {
        waitForVersion: (options) =>
          options.usesOverride ? Promise.reject(new Error("answers came from the old one")) : waitForVersion(options),
      },
    });
    expect(report).toMatchObject({
      outcome: "rolled-back",
      failedStage: "0 %",
      reasons: ["answers came from the old one"],
    });
    expect(bench.log.some((line) => line.startsWith("smoke"))).toBe(false);
  });
});

describe("what stops a release before anything changes", () => {
  const refuse = async (ports: Partial<ReleasePorts>, plan: Partial<ReleasePlan> = {}) => {
    const bench = createBench(ports);
    return { bench, report: await release(bench, { plan }) };
  };

  test.for<{
    what: string;
    stage: string;
    ports: Partial<ReleasePorts>;
    plan?: Partial<ReleasePlan>;
    reason: string;
    previousId?: string;
  }>([
    {
      what: "changes that are not committed",
      stage: "preflight",
      ports: { checkedOut: () => Promise.resolve({ commit: COMMIT, subject: "", changes: [" M src/app.ts"] }) },
      reason: "src/app.ts",
    },
    {
      what: "checks that fail",
      stage: "preflight",
      ports: { findCheckFailure: () => Promise.resolve("1 failed") },
      plan: { verifiedCommit: null },
      reason: "1 failed",
    },
    {
      what: "a key that is not accepted",
      stage: "preflight",
      ports: { findAccessProblems: () => Promise.resolve(["key 2 of 2 is not accepted"]) },
      reason: "key 2 of 2",
      previousId: OLD,
    },
    {
      what: "a URL that leads somewhere else",
      stage: "preflight",
      ports: { waitForVersion: () => Promise.reject(new Error("it answered as another one")) },
      reason: "check RELEASE_URL",
    },
    {
      what: "a person",
      stage: "migrate",
      ports: { confirm: () => Promise.resolve(false) },
      reason: "Not confirmed",
    },
  ])("$what", async ({ stage, ports, plan, reason, previousId }, { expect }) => {
    const { bench, report } = await refuse(ports, plan);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: stage, rollback: null });
    expect(report.reasons.join()).toContain(reason);
    if (previousId !== undefined) expect(report).toMatchObject({ previousId, commit: COMMIT });
    expect(writes(bench)).toEqual([]);
  });

  test("a Worker that was never deployed, with the command that sets it up", async ({ expect }) => {
    const { createFakeControlPlane } = await import("../../../support/fake-control-plane.ts");
    const { report } = await refuse({ forward: createFakeControlPlane() });
    expect(report).toMatchObject({ outcome: "stopped", failedStage: "preflight" });
    expect(report.reasons.join()).toContain("npx wrangler deploy --env staging");
  });

  test("a deployment that somebody else has split, with the way out", async ({ expect }) => {
    const bench = createBench();
    bench.controlPlane.deployElsewhere(
      [
        { versionId: OTHER, percentage: 20 },
        { versionId: OLD, percentage: 80 },
      ],
      "release by hand",
    );
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", failedStage: "preflight" });
    for (const text of [
      "split by someone else",
      `${OTHER} at 20 %`,
      '"release by hand"',
      `npm run rollback -- --env staging --to ${OLD}`,
    ])
      expect(report.reasons.join("\n")).toContain(text);
    expect(report.reasons.slice(1)).toEqual([
      `with the old version: npm run rollback -- --env staging --to ${OLD}`,
      `with the new version: npm run rollback -- --env staging --to ${OTHER}`,
    ]);
    expect(writes(bench)).toEqual([]);
  });

  test("checks of another commit do not count", async ({ expect }) => {
    const { report } = await refuse(
      { findCheckFailure: () => Promise.resolve("fails") },
      { verifiedCommit: "f".repeat(40) },
    );
    expect(report).toMatchObject({ outcome: "stopped", failedStage: "preflight" });
  });

  test("an upload that is refused", async ({ expect }) => {
    const bench = createBench();
    bench.controlPlane.failNext("upload", 1);
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: "upload", newId: null });
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
  });
});

describe("migrations", () => {
  const migration = (name: string, statement: string) => ({
    name,
    hash: "",
    statements: [statement],
    isTransactional: true,
  });
  const bench = (statements: readonly string[], lint: readonly string[] = []) => {
    const applied: string[] = [];
    const allowed: unknown[] = [];
    const pending = statements.map((statement, place) => migration(`000${place}_change`, statement));
    const names = pending.map(({ name }) => name);
    const made = createBench({
      migrations: {
        pending: () => Promise.resolve(pending),
        lint: () => Promise.resolve(lint),
        apply(judged) {
          allowed.push(...judged);
          applied.push(...names);
          return Promise.resolve(names);
        },
      },
    });
    return { made, applied, pending, allowed };
  };

  test("that expand are applied before the upload", async ({ expect }) => {
    const { made, applied } = bench(["ALTER TABLE users ADD COLUMN nickname text"]);
    made.controlPlane.onCall = (call) => void (call.startsWith("upload") && expect(applied).toEqual(["0000_change"]));
    expect(await release(made)).toMatchObject({ outcome: "released", migrations: ["0000_change"] });
  });

  test("are applied only as they were judged", async ({ expect }) => {
    const { made, pending, allowed } = bench(["ALTER TABLE users ADD COLUMN nickname text"]);
    await release(made);
    expect(allowed).toEqual(pending);
  });

  test("are all refused when one of them breaks the running version", async ({ expect }) => {
    const { made, applied } = bench(["CREATE TABLE a (id int)", "ALTER TABLE users DROP COLUMN email"]);
    const report = await release(made);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: "migrate", migrations: [] });
    for (const text of [
      "migrations/0001_change.sql",
      "DROP COLUMN email",
      "may still use the column",
      "docs/releases.md",
    ])
      expect(report.reasons.join("\n")).toContain(text);
    expect(applied).toEqual([]);
    expect(writes(made)).toEqual([]);
  });

  test("are refused for what the linter finds", async ({ expect }) => {
    const { made, applied } = bench(["CREATE INDEX i ON users (email)"], ["require-concurrent-index-creation"]);
    expect(await release(made)).toMatchObject({ outcome: "stopped", failedStage: "migrate" });
    expect(applied).toEqual([]);
  });
});

describe("a dry run", () => {
  test("looks at everything, builds, and changes nothing", async ({ expect }) => {
    let builds = 0;
    const bench = createBench({ measureStartup: () => Promise.resolve(++builds) });
    const report = await release(bench, { plan: { isDryRun: true } });
    expect(report).toMatchObject({ outcome: "checked", exitCode: 0 });
    expect(report.stages.map(({ name }) => name)).toEqual(["preflight", "migrate"]);
    expect(report.stages.at(-1)?.detail.join("\n")).toContain(OLD);
    expect(builds).toBe(1);
    expect(writes(bench)).toEqual([]);
  });
});

describe("a working tree that changes after it was checked", () => {
  const checked = { commit: COMMIT, subject: "feat: a change", changes: [] };
  const dirty = { ...checked, changes: ["?? migrations/0009_late.sql"] };
  const moved = { ...checked, commit: "f".repeat(40) };
  const pending = [{ name: "0001_a", hash: "", statements: ["CREATE TABLE a (id int)"], isTransactional: true }];

  test.for([
    { when: "while it is agreed to", calls: 1, now: dirty, reason: "0009_late", stage: "migrate", done: [] },
    { when: "while it is agreed to, by a commit", calls: 1, now: moved, reason: "ffff", stage: "migrate", done: [] },
    { when: "during the migrations", calls: 2, now: dirty, reason: "0009_late", stage: "upload", done: ["apply"] },
    { when: "during the build", calls: 3, now: moved, reason: "ffff", stage: "upload", done: ["apply", "upload"] },
  ])("$when ends the release", async ({ calls, now, reason, stage, done }, { expect }) => {
    const doings: string[] = [];
    let asked = 0;
    const bench = createBench({
      checkedOut: () => Promise.resolve(asked++ < calls ? checked : now),
      migrations: {
        pending: () => Promise.resolve(pending),
        apply: () => Promise.resolve((doings.push("apply"), ["0001_a"])),
      },
    });
    bench.controlPlane.onCall = (call) => void (call.startsWith("upload") && doings.push("upload"));
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: stage });
    expect(report.reasons.join()).toContain(reason);
    expect(doings).toEqual(done);
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
  });
});
