import { describe, test } from "vitest";

import { runRelease } from "../../../../tools/release/controller.ts";
import { type Bench, createBench, OLD, PLAN } from "../../../support/release-fakes.ts";

const release = ({ ports, journal }: Bench, signal = new AbortController().signal) =>
  runRelease({ plan: PLAN, ports, journal, signal, note: () => {}, onTraffic: () => {} });
const detailsOf = ({ stages }: Awaited<ReturnType<typeof release>>, stage: string): string =>
  stages.find(({ name }) => name === stage)?.detail.join("\n") ?? "";
const uploads = ({ controlPlane }: Bench): number =>
  controlPlane.calls.filter((call) => call.startsWith("upload")).length;

describe("CPU time of the start", () => {
  test("is measured before the upload, and stands in plan and report", async ({ expect }) => {
    const plans: string[] = [];
    const bench = createBench({
      measureStartup: () => Promise.resolve(42.4),
      confirm: (text) => Promise.resolve(plans.push(text) > 0),
    });
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "released", startupMs: 42 });
    expect(detailsOf(report, "preflight")).toContain("Starts in 42 ms of CPU (budget 100 ms");
    expect(plans.join()).toMatch(/starts in +42 ms of CPU/);
  });

  test("that comes near the limit ends the release before anything is uploaded", async ({ expect }) => {
    const checks: string[] = [];
    const bench = createBench({
      measureStartup: () => Promise.resolve(500.6),
      findCheckFailure: () => Promise.resolve((checks.push("run"), null)),
    });
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: "preflight", startupMs: 501 });
    expect(report.reasons.join()).toContain("takes 501 ms of CPU (budget 100 ms, Cloudflare's limit 1000 ms)");
    expect(report.reasons.join()).toContain("npx wrangler check startup");
    expect(uploads(bench)).toBe(0);
    expect(checks).toEqual([]);
  });
});

test("a start over its budget, or measured on a busy machine, is remarked and released", async ({ expect }) => {
  const report = await release(createBench({ measureStartup: () => Promise.resolve(140) }));
  expect(report.outcome).toBe("released");
  expect(detailsOf(report, "preflight")).toContain("Over the budget, or measured on a busy machine");
});

describe("an upload that Cloudflare refuses because it starts too slowly", () => {
  const refused = (times: number): Bench => {
    const bench = createBench({ measureStartup: () => Promise.resolve(42) });
    bench.controlPlane.failNext("upload", times, "before", "startup-limit");
    return bench;
  };

  test("is repeated once, after a pause", async ({ expect }) => {
    const bench = refused(1);
    const report = await release(bench);
    expect(report.outcome).toBe("released");
    expect(uploads(bench)).toBe(2);
    expect(detailsOf(report, "upload")).toContain("Trying again in 5 s.");
    expect(report.stages.find(({ name }) => name === "upload")?.ms).toBe(5_000);
  });

  test("is explained when it is refused again, with what the start takes here", async ({ expect }) => {
    const bench = refused(2);
    const report = await release(bench);
    expect(report).toMatchObject({ outcome: "stopped", exitCode: 1, failedStage: "upload", newId: null });
    expect(uploads(bench)).toBe(2);
    const reasons = report.reasons.join("\n");
    for (const part of ["upload failed", "code 10021", "Here it takes 42 ms of CPU", "release again", "check startup"])
      expect(reasons).toContain(part);
    expect(bench.controlPlane.live()).toEqual([{ versionId: OLD, percentage: 100 }]);
  });

  test("is not repeated with something else than what was checked", async ({ expect }) => {
    const bench = refused(1);
    const { checkedOut } = bench.ports;
    const dirtyNow = async () => ({ ...(await checkedOut()), changes: uploads(bench) > 0 ? [" M src/app.ts"] : [] });
    const report = await release({ ...bench, ports: { ...bench.ports, checkedOut: dirtyNow } });
    expect(report).toMatchObject({ outcome: "stopped", failedStage: "upload" });
    expect(report.reasons.join()).toContain("src/app.ts");
    expect(uploads(bench)).toBe(1);
  });

  test("is not repeated after an interruption", async ({ expect }) => {
    const bench = refused(1);
    const stop = new AbortController();
    bench.controlPlane.onCall = (call) =>
      call.startsWith("upload") ? stop.abort(new Error("interrupted")) : undefined;
    expect(await release(bench, stop.signal)).toMatchObject({ outcome: "interrupted", exitCode: 130 });
    expect(uploads(bench)).toBe(1);
  });
});

test("any other refused upload is not repeated", async ({ expect }) => {
  const bench = createBench();
  bench.controlPlane.failNext("upload", 1);
  expect(await release(bench)).toMatchObject({ outcome: "stopped", failedStage: "upload" });
  expect(uploads(bench)).toBe(1);
});
