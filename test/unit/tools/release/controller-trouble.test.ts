import { describe, test } from "vitest";

import { ControlPlaneError } from "../../../../tools/release/cloudflare/control-plane.ts";
import { runRelease } from "../../../../tools/release/controller.ts";
import type { ReleaseReport } from "../../../../tools/release/report/report.ts";
import {
  type Bench,
  comparisonOf,
  createBench,
  createFakeSource,
  NEW,
  OLD,
  OTHER,
  PLAN,
} from "../../../support/release-fakes.ts";

async function release(bench: Bench, signal = new AbortController().signal): Promise<ReleaseReport> {
  const { ports, journal, log } = bench;
  return await runRelease({
    plan: PLAN,
    ports,
    journal,
    signal,
    note: (text) => void log.push(text),
    onTraffic: () => {},
  });
}

const ALL_OLD = [{ versionId: OLD, percentage: 100 }];
const badAtTenPercent = () => {
  const bench = createBench();
  return { ...bench, ports: { ...bench.ports, source: createFakeSource(bench.clock, [comparisonOf({ errors: 50 })]) } };
};

describe("a control plane that fails", () => {
  test.for(["deployments", "deploy"] as const)("in %s twice is asked again", async (method, { expect }) => {
    const bench = createBench();
    bench.controlPlane.onCall = (call) => {
      if (call !== `deploy ${NEW}@0 ${OLD}@100`) return;
      bench.controlPlane.onCall = () => {};
      bench.controlPlane.failNext(method, 2);
    };
    expect(await release(bench)).toMatchObject({ outcome: "released" });
  });

  test("after it has deployed is not taken for somebody else", async ({ expect }) => {
    const bench = createBench();
    bench.controlPlane.failNext("deploy", 1, "after");
    expect(await release(bench)).toMatchObject({ outcome: "released" });
    expect(bench.controlPlane.calls.filter((call) => call === `deploy ${NEW}@0 ${OLD}@100`)).toHaveLength(1);
  });

  test.for([
    `deploy ${NEW}@10 ${OLD}@90`,
    `deploy ${NEW}@50 ${OLD}@50`,
    `deploy ${NEW}@100 ${OLD}@0`,
    `deploy ${NEW}@100`,
  ])("for good in %s leads to a rollback", async (failing, { expect }) => {
    const bench = createBench();
    bench.controlPlane.onCall = (call) => {
      if (call === failing) throw new ControlPlaneError("always");
    };
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "rolled-back", exitCode: 3, rollback: { verified: true, by: "us" } });
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
    expect(bench.controlPlane.calls.filter((call) => call === failing)).toHaveLength(3);
  });

  test("for good at 0 % leaves everything with the previous version, and verifies it", async ({ expect }) => {
    const bench = createBench();
    bench.controlPlane.failNext("deploy", 3);
    const report = await release(bench);
    expect(report).toMatchObject({
      outcome: "rolled-back",
      failedStage: "0 %",
      rollback: { verified: true, by: "us" },
    });
    expect(bench.controlPlane.calls.some((call) => call.startsWith("rollBack"))).toBe(false);
  });

  test("in the preflight is asked again, and stops the release in the end", async ({ expect }) => {
    const patient = createBench();
    patient.controlPlane.failNext("deployments", 2);
    expect(await release(patient)).toMatchObject({ outcome: "released" });
    const bench = createBench();
    bench.controlPlane.failNext("deployments", 3);
    expect(await release(bench)).toMatchObject({ outcome: "stopped", failedStage: "preflight" });
  });
});

describe("a rollback", () => {
  test("that fails at first is tried again, more and more slowly", async ({ expect }) => {
    const bench = badAtTenPercent();
    bench.controlPlane.failNext("rollBack", 5);
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "rolled-back", rollback: { verified: true, ms: 15_100 } });
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
  });

  test("that was done though it failed is recognised", async ({ expect }) => {
    const bench = badAtTenPercent();
    bench.controlPlane.failNext("rollBack", 1, "after");
    expect(await release(bench)).toMatchObject({ outcome: "rolled-back", rollback: { verified: true, by: "us" } });
    expect(bench.controlPlane.calls.filter((call) => call.startsWith("rollBack"))).toHaveLength(1);
  });

  test("is tried even when the deployments cannot be read", async ({ expect }) => {
    const bench = badAtTenPercent();
    bench.controlPlane.onCall = (call) => {
      if (call === `deploy ${NEW}@10 ${OLD}@90`) bench.controlPlane.failNext("deployments", 1);
    };
    expect(await release(bench)).toMatchObject({ outcome: "rolled-back", rollback: { verified: true } });
  });

  test("that was accepted but is not to be seen is done again", async ({ expect }) => {
    const bench = badAtTenPercent();
    const { controlPlane } = bench;
    let asked = 0;
    const recovery: Bench["ports"]["recovery"] = {
      ...controlPlane,
      rollBack: (versionId, message) => (++asked === 1 ? Promise.resolve() : controlPlane.rollBack(versionId, message)),
    };
    const report = await release({ ...bench, ports: { ...bench.ports, recovery } });
    expect(report).toMatchObject({ outcome: "rolled-back", rollback: { verified: true } });
    expect(asked).toBe(2);
    expect(controlPlane.live()).toEqual(ALL_OLD);
  });

  test("that never works is said to be unverified", async ({ expect }) => {
    const bench = badAtTenPercent();
    bench.controlPlane.failNext("rollBack", 100);
    const report = await release(bench);
    expect(report).toMatchObject({
      outcome: "unverified",
      exitCode: 4,
      failedStage: "10 %",
      rollback: { verified: false },
    });
    expect(report.reasons.join("\n")).toContain("rollBack failed");
  });

  test("whose answers do not come is said to be unverified", async ({ expect }) => {
    const bench = badAtTenPercent();
    const { waitForVersion } = bench.ports;
    const ports: Bench["ports"] = {
      ...bench.ports,
      waitForVersion: (options) =>
        options.takenOut === NEW ? Promise.reject(new Error("still the new one")) : waitForVersion(options),
    };
    expect(await release({ ...bench, ports })).toMatchObject({ outcome: "unverified", exitCode: 4 });
  });
});

describe("somebody else", () => {
  const whenCalled = (bench: Bench, wanted: string, act: () => void): void => {
    bench.controlPlane.onCall = (call) => {
      if (call === wanted) act();
    };
  };
  const THEIRS = [{ versionId: OTHER, percentage: 100 }];

  test("who deploys before us stops the release before it has changed anything", async ({ expect }) => {
    const bench = createBench();
    whenCalled(bench, "upload 0123456789ab", () => bench.controlPlane.deployElsewhere(THEIRS));
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: "0 %" });
    expect(bench.controlPlane.live()).toEqual(THEIRS);
  });

  test("who deploys in the middle is not fought", async ({ expect }) => {
    const bench = createBench();
    const source = createFakeSource(bench.clock);
    const { observe } = source;
    const ports: Bench["ports"] = {
      ...bench.ports,
      source: {
        ...source,
        observe(options) {
          // The first look is taken before the first step.
          if (source.observed.length === 1) bench.controlPlane.deployElsewhere(THEIRS, "hotfix");
          return observe(options);
        },
      },
    };
    const report = await release({ ...bench, ports });
    expect(report).toMatchObject({
      outcome: "unverified",
      exitCode: 4,
      failedStage: "50 %",
      rollback: { verified: false, by: "someone else" },
    });
    expect(report.reasons.join("\n")).toContain('"hotfix"');
    expect(bench.controlPlane.live()).toEqual(THEIRS);
    expect(bench.controlPlane.calls.some((call) => call.startsWith("rollBack"))).toBe(false);
  });

  test("who rolls back is respected, and it is verified", async ({ expect }) => {
    const bench = badAtTenPercent();
    const { judge } = bench.ports;
    const ports: Bench["ports"] = {
      ...bench.ports,
      judge(comparison, window) {
        bench.controlPlane.deployElsewhere(ALL_OLD, "rollback by hand");
        return judge(comparison, window);
      },
    };
    const report = await release({ ...bench, ports });
    expect(report).toMatchObject({ outcome: "rolled-back", rollback: { verified: true, by: "someone else" } });
    expect(bench.controlPlane.calls.some((call) => call.startsWith("rollBack"))).toBe(false);
  });

  test("who completes the release does not go unnoticed", async ({ expect }) => {
    const bench = createBench();
    bench.controlPlane.onCall = (call) => {
      if (call !== `deploy ${NEW}@100`) return;
      bench.controlPlane.onCall = (next) => void (next === "deployments" && bench.controlPlane.deployElsewhere(THEIRS));
    };
    expect(await release(bench)).toMatchObject({ outcome: "unverified", failedStage: "complete" });
    expect(bench.controlPlane.live()).toEqual(THEIRS);
  });
});

describe("an interruption", () => {
  const interruptAt = async (stage: string): Promise<{ report: ReleaseReport; bench: Bench }> => {
    const bench = createBench();
    const stop = new AbortController();
    const log = bench.log;
    const push = log.push.bind(log);
    log.push = (...lines) => {
      if (lines.includes(`stage ${stage}`)) stop.abort();
      return push(...lines);
    };
    // As with wrangler: what only reads for the release ends with it.
    const { controlPlane } = bench;
    const deployments = () => (stop.signal.aborted ? Promise.reject(new Error("ended")) : controlPlane.deployments());
    const ports = { ...bench.ports, forward: { ...controlPlane, deployments } };
    return { report: await release({ ...bench, ports }, stop.signal), bench };
  };

  test.for(["preflight", "migrate", "upload"])("in %s leaves everything as it was", async (stage, { expect }) => {
    const { report, bench } = await interruptAt(stage);
    expect(report).toMatchObject({ outcome: "interrupted", exitCode: 130, rollback: null, reasons: [] });
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
    expect(bench.controlPlane.calls.some((call) => call.startsWith("deploy "))).toBe(false);
  });

  test("at 0 % before anything is deployed changes nothing", async ({ expect }) => {
    const { report, bench } = await interruptAt("0 %");
    expect(report).toMatchObject({ outcome: "interrupted", failedStage: "0 %", rollback: null });
    expect(bench.controlPlane.live()).toEqual(ALL_OLD);
  });

  test.for(["smoke", "10 %", "50 %", "100 %", "complete"])(
    "in %s rolls back and verifies",
    async (stage, { expect }) => {
      const { report, bench } = await interruptAt(stage);
      expect(report).toMatchObject({
        outcome: "interrupted",
        exitCode: 130,
        failedStage: stage,
        rollback: { verified: true },
      });
      expect(report.stages.find(({ name }) => name === stage)).toMatchObject({ outcome: "interrupted" });
      expect(bench.controlPlane.live()).toEqual(ALL_OLD);
    },
  );

  test("right before a deployment does not begin it", async ({ expect }) => {
    const bench = createBench();
    const stop = new AbortController();
    bench.controlPlane.onCall = () => void (bench.log.at(-1) === "stage 10 %" && stop.abort());
    expect(await release(bench, stop.signal)).toMatchObject({ outcome: "interrupted", rollback: { verified: true } });
    expect(bench.controlPlane.calls).not.toContain(`deploy ${NEW}@10 ${OLD}@90`);
  });

  test("during a deployment lets it finish, then rolls back", async ({ expect }) => {
    const bench = createBench();
    const stop = new AbortController();
    bench.controlPlane.onCall = (call) => void (call === `deploy ${NEW}@50 ${OLD}@50` && stop.abort());
    expect(await release(bench, stop.signal)).toMatchObject({ outcome: "interrupted", rollback: { verified: true } });
    expect(bench.controlPlane.calls.at(-2)).toBe(`rollBack ${OLD}`);
  });

  test("that comes after the last deployment does not undo the release", async ({ expect }) => {
    const bench = createBench();
    const stop = new AbortController();
    bench.controlPlane.onCall = (call) => void (call === `deploy ${NEW}@100` && stop.abort());
    expect(await release(bench, stop.signal)).toMatchObject({ outcome: "released" });
  });

  test("while the migrations run waits for them", async ({ expect }) => {
    const stop = new AbortController();
    const pending = [{ name: "0001_a", hash: "", statements: ["CREATE TABLE a (id int)"], isTransactional: true }];
    const bench = createBench({
      migrations: {
        pending: () => Promise.resolve(pending),
        apply() {
          stop.abort();
          return Promise.resolve(["0001_a"]);
        },
      },
    });
    expect(await release(bench, stop.signal)).toMatchObject({
      outcome: "interrupted",
      migrations: ["0001_a"],
      newId: null,
    });
  });

  test("that cannot be rolled back is not called safe", async ({ expect }) => {
    const bench = createBench();
    const stop = new AbortController();
    bench.controlPlane.failNext("rollBack", 100);
    bench.controlPlane.onCall = (call) => void (call === `deploy ${NEW}@50 ${OLD}@50` && stop.abort());
    expect(await release(bench, stop.signal)).toMatchObject({ outcome: "unverified", exitCode: 4 });
  });
});
