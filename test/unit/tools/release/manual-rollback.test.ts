import { describe, test } from "vitest";

import { describeRollbackEnding } from "../../../../tools/release/rollback/ending.ts";
import { type RollbackRun, runRollback } from "../../../../tools/release/rollback/manual-rollback.ts";
import { createFakeControlPlane } from "../../../support/fake-control-plane.ts";
import { createBench, NEW, OLD, OTHER } from "../../../support/release-fakes.ts";

const open = (history: readonly string[]) => {
  const [first = null, ...later] = history;
  const controlPlane = createFakeControlPlane({ live: first, versions: [OLD, NEW, OTHER] });
  for (const versionId of later) controlPlane.deployElsewhere([{ versionId, percentage: 100 }]);
  const bench = createBench();
  const waits: string[] = [];
  const run: RollbackRun = {
    to: null,
    forward: controlPlane,
    recovery: controlPlane,
    confirm: () => Promise.resolve(true),
    waitForVersion({ versionId, takenOut }) {
      waits.push(`${versionId} without ${takenOut ?? "nothing"}`);
      return Promise.resolve({ waitedMs: 1 });
    },
    clock: bench.clock,
    today: bench.ports.today,
    journal: bench.journal,
    signal: new AbortController().signal,
    note: () => {},
  };
  const writes = () => controlPlane.calls.filter((call) => call !== "deployments");
  return { run, controlPlane, waits, writes };
};

describe("a rollback by hand", () => {
  test("goes to the version before, by its id, and is verified", async ({ expect }) => {
    const { run, waits, writes, controlPlane } = open([OLD, NEW]);
    const report = await runRollback(run);
    expect(report).toMatchObject({ outcome: "released", exitCode: 0, previousId: NEW, newId: OLD, failedStage: null });
    expect(report.rollback).toMatchObject({ verified: true, by: "us" });
    expect(writes()).toEqual([`rollBack ${OLD}`]);
    expect(waits).toEqual([`${OLD} without ${NEW}`]);
    expect(controlPlane.live()).toEqual([{ versionId: OLD, percentage: 100 }]);
    expect(describeRollbackEnding(report)).toContain(`Rolled back: ${OLD} serves all`);
  });

  test("done twice never swings back to the bad version", async ({ expect }) => {
    const { run, controlPlane, writes } = open([OTHER, OLD, NEW]);
    for (const expected of [OLD, OTHER]) {
      expect(await runRollback(run)).toMatchObject({ outcome: "released", newId: expected });
    }
    const { run: third } = { run: { ...run, journal: createBench().journal } };
    expect(await runRollback(third)).toMatchObject({ outcome: "stopped", exitCode: 1 });
    expect(writes()).toEqual([`rollBack ${OLD}`, `rollBack ${OTHER}`]);
    expect(controlPlane.live()).toEqual([{ versionId: OTHER, percentage: 100 }]);
  });

  test("gives a split deployment back to the old version", async ({ expect }) => {
    const { run, controlPlane, waits } = open([OLD]);
    const split = [
      { versionId: NEW, percentage: 10 },
      { versionId: OLD, percentage: 90 },
    ];
    controlPlane.deployElsewhere(split);
    expect(await runRollback(run)).toMatchObject({ outcome: "released", previousId: NEW, newId: OLD });
    expect(waits).toEqual([`${OLD} without ${NEW}`]);
  });

  test("goes where --to says", async ({ expect }) => {
    const { run, writes } = open([OTHER, OLD, NEW]);
    expect(await runRollback({ ...run, to: OTHER })).toMatchObject({ outcome: "released", newId: OTHER });
    expect(writes()).toEqual([`rollBack ${OTHER}`]);
  });

  test("writes nothing when the version has everything already, and verifies it", async ({ expect }) => {
    const { run, writes, waits } = open([OLD]);
    const confirm = () => Promise.reject(new Error("there is nothing to confirm"));
    expect(await runRollback({ ...run, to: OLD, confirm })).toMatchObject({ outcome: "released", exitCode: 0 });
    expect(writes()).toEqual([]);
    expect(waits).toEqual([`${OLD} without nothing`]);
  });

  test.for<readonly [string, readonly string[], Partial<RollbackRun>, string]>([
    ["nothing to go back to", [OLD], {}, "name it with --to"],
    ["no Worker", [], {}, "never deployed"],
    ["nobody who agrees", [OLD, NEW], { confirm: () => Promise.resolve(false) }, "Not confirmed"],
    ["an ambiguous --to", [OLD, NEW], { to: "00000000" }, "it fits"],
  ])("with %s changes nothing", async ([, history, more, reason], { expect }) => {
    const { run, writes } = open(history);
    const report = await runRollback({ ...run, ...more });
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, rollback: null });
    expect(report.reasons.join()).toContain(reason);
    expect(writes()).toEqual([]);
    expect(describeRollbackEnding(report)).toContain("Nothing was changed");
  });

  test("is tried again when the control plane fails", async ({ expect }) => {
    const { run, controlPlane } = open([OLD, NEW]);
    controlPlane.failNext("rollBack", 5);
    expect(await runRollback(run)).toMatchObject({ outcome: "released" });
  });

  test("that cannot be done or seen is not verified, and tells the way out", async ({ expect }) => {
    const failing = open([OLD, NEW]);
    failing.controlPlane.failNext("rollBack", 7);
    failing.controlPlane.onCall = (call) =>
      void (call.startsWith("rollBack") && failing.controlPlane.failNext("deployments", 9));
    const report = await runRollback(failing.run);
    expect(report).toMatchObject({ outcome: "unverified", exitCode: 4, rollback: { verified: false } });
    expect(describeRollbackEnding(report)).toContain(`npm run rollback -- --env staging --to ${OLD}`);
    const unseen = open([OLD, NEW]);
    const waitForVersion = () => Promise.reject(new Error("still the new one"));
    expect(await runRollback({ ...unseen.run, waitForVersion })).toMatchObject({ outcome: "unverified", exitCode: 4 });
  });

  test("that is accepted but never to be seen is not verified", async ({ expect }) => {
    const { run } = open([OLD, NEW]);
    const recovery = { ...run.recovery, rollBack: () => Promise.resolve() };
    expect(await runRollback({ ...run, recovery })).toMatchObject({ outcome: "unverified", exitCode: 4 });
  });

  test("that fails and leaves what was live has changed nothing", async ({ expect }) => {
    const { run, controlPlane } = open([OLD, NEW]);
    controlPlane.failNext("rollBack", 7);
    const report = await runRollback(run);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, rollback: null });
    expect(report.reasons).toEqual(["rollBack failed: planned."]);
  });

  test("to a version that does not exist is refused at once, and is not advised", async ({ expect }) => {
    const to = "99999999-0000-4000-8000-000000000000";
    const { run, writes, controlPlane } = open([OLD, NEW]);
    const report = await runRollback({ ...run, to });
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, newId: null });
    expect(report.reasons.join()).toContain(`No version ${to}`);
    expect(writes()).toEqual([`rollBack ${to}`]);
    const unreadable = open([OLD, NEW]);
    unreadable.controlPlane.onCall = (call) =>
      void (call.startsWith("rollBack") && unreadable.controlPlane.failNext("deployments", 9));
    const unverified = await runRollback({ ...unreadable.run, to });
    expect(unverified).toMatchObject({ outcome: "unverified", exitCode: 4 });
    expect(describeRollbackEnding(unverified)).not.toContain("--to");
    expect(controlPlane.live()).toEqual([{ versionId: NEW, percentage: 100 }]);
  });

  test("reads the deployments again when that fails", async ({ expect }) => {
    const { run, controlPlane } = open([OLD, NEW]);
    controlPlane.failNext("deployments", 2);
    expect(await runRollback(run)).toMatchObject({ outcome: "released", newId: OLD });
  });

  test("that completes a split does not reject the old version", async ({ expect }) => {
    const { run, controlPlane } = open([OLD]);
    controlPlane.deployElsewhere([
      { versionId: NEW, percentage: 10 },
      { versionId: OLD, percentage: 90 },
    ]);
    expect(await runRollback({ ...run, to: NEW })).toMatchObject({ outcome: "released", newId: NEW });
    expect((await controlPlane.deployments())[0]?.message).toBe(`settled on ${NEW}, taken out ${OLD}`);
    expect(await runRollback({ ...run, journal: createBench().journal })).toMatchObject({
      outcome: "released",
      newId: OLD,
    });
    expect((await controlPlane.deployments())[0]?.message).toBe(`rollback from ${NEW} to ${OLD}`);
  });

  test("interrupted before it begins changes nothing; later it is carried through", async ({ expect }) => {
    const before = open([OLD, NEW]);
    const stop = new AbortController();
    before.controlPlane.onCall = () => stop.abort();
    expect(await runRollback({ ...before.run, signal: stop.signal })).toMatchObject({
      outcome: "interrupted",
      exitCode: 130,
    });
    expect(before.writes()).toEqual([]);
    const during = open([OLD, NEW]);
    const late = new AbortController();
    during.controlPlane.onCall = (call) => void (call.startsWith("rollBack") && late.abort());
    expect(await runRollback({ ...during.run, signal: late.signal })).toMatchObject({
      outcome: "released",
      exitCode: 0,
    });
  });
});
