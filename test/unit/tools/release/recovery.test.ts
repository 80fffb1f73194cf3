import { describe, test } from "vitest";

import { ControlPlaneError } from "../../../../tools/release/cloudflare/control-plane.ts";
import type { RecoveryControlPlane } from "../../../../tools/release/cloudflare/deployments-api.ts";
import { createRecovery } from "../../../../tools/release/cloudflare/recovery.ts";
import { runRelease } from "../../../../tools/release/controller.ts";
import { createFakeControlPlane, type FakeControlPlane } from "../../../support/fake-control-plane.ts";
import { comparisonOf, createBench, createFakeSource, NEW, OLD, OTHER, PLAN } from "../../../support/release-fakes.ts";

function open() {
  const notes: string[] = [];
  const api = createFakeControlPlane({ live: OLD, versions: [OLD, NEW] });
  const wrangler = createFakeControlPlane({ live: OLD, versions: [OLD, NEW] });
  const recovery = createRecovery([api, wrangler], (text) => void notes.push(text));
  return { recovery, api, wrangler, notes };
}

describe("two ways to the deployments", () => {
  test("only the first one is used while it works", async ({ expect }) => {
    const { recovery, api, wrangler, notes } = open();
    await recovery.deployments();
    await recovery.rollBack(NEW, "why");
    expect(api.calls).toEqual(["deployments", `rollBack ${NEW}`]);
    expect(wrangler.calls).toEqual([]);
    expect(notes).toEqual([]);
  });

  test("a read that fails is repeated in the other way at once, and so is what follows", async ({ expect }) => {
    const { recovery, api, wrangler, notes } = open();
    api.failNext("deployments", 1);
    expect(await recovery.deployments()).toHaveLength(1);
    await recovery.rollBack(NEW, "why");
    expect(api.calls).toEqual(["deployments"]);
    expect(wrangler.calls).toEqual(["deployments", `rollBack ${NEW}`]);
    expect(notes).toEqual(["deployments failed: planned. Asking in another way."]);
  });

  test("a write that fails is left to the caller, whose next calls go the other way, and back", async ({ expect }) => {
    const { recovery, api, wrangler } = open();
    api.failNext("rollBack", 1);
    wrangler.failNext("rollBack", 1);
    await expect(recovery.rollBack(NEW, "why")).rejects.toThrow("planned");
    expect(wrangler.calls).toEqual([]);
    await expect(recovery.rollBack(NEW, "why")).rejects.toThrow("planned");
    await recovery.rollBack(NEW, "why");
    expect([api.calls.length, wrangler.calls.length]).toEqual([2, 1]);
  });

  test("fails when both do", async ({ expect }) => {
    const { recovery, api, wrangler } = open();
    for (const way of [api, wrangler]) way.failNext("deployments", 1);
    await expect(recovery.deployments()).rejects.toThrow("planned");
  });

  test("a version that is unknown is so in both", async ({ expect }) => {
    const { recovery, wrangler } = open();
    await expect(recovery.rollBack(OTHER, "why")).rejects.toMatchObject({ refusal: "unknown-version" });
    await expect(recovery.rollBack(OTHER, "why")).rejects.toMatchObject({ refusal: "unknown-version" });
    expect(wrangler.calls).toEqual([]);
  });
});

describe("a release that is rolled back while Cloudflare's API fails", () => {
  /** Both ways lead to the same deployments; the first one can fail by itself. */
  async function release(open: (shared: FakeControlPlane) => RecoveryControlPlane) {
    const bench = createBench();
    const ports = {
      ...bench.ports,
      source: createFakeSource(bench.clock, [comparisonOf({ errors: 50 })]),
      recovery: createRecovery([open(bench.controlPlane), bench.controlPlane], () => {}),
    };
    const signal = new AbortController().signal;
    const run = { plan: PLAN, ports, journal: bench.journal, signal, note: () => {}, onTraffic: () => {} };
    return { report: await runRelease(run), bench };
  }
  test("is rolled back in the other way, a moment later", async ({ expect }) => {
    const { report, bench } = await release((shared) => ({
      deployments: () => shared.deployments(),
      rollBack: () => Promise.reject(new ControlPlaneError("down")),
    }));
    expect(report).toMatchObject({ outcome: "rolled-back", rollback: { verified: true, by: "us", ms: 100 } });
    expect(bench.controlPlane.live()).toEqual([{ versionId: OLD, percentage: 100 }]);
  });

  test("does not overwrite what somebody else has deployed since", async ({ expect }) => {
    const { report, bench } = await release((shared) => ({
      deployments: () => shared.deployments(),
      rollBack() {
        shared.deployElsewhere([{ versionId: OTHER, percentage: 100 }]);
        return Promise.reject(new ControlPlaneError("down"));
      },
    }));
    expect(report).toMatchObject({ outcome: "unverified", rollback: { verified: false, by: "someone else" } });
    expect(bench.controlPlane.live()).toEqual([{ versionId: OTHER, percentage: 100 }]);
    expect(bench.controlPlane.calls.filter((call) => call.startsWith("rollBack"))).toEqual([]);
  });
});
