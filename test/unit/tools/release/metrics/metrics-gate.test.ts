import { describe, test } from "vitest";

import { runRelease } from "../../../../../tools/release/controller.ts";
import type { MetricsObservation, MetricsSource } from "../../../../../tools/release/metrics/observation.ts";
import { type Behaviour, BOUNDS_MS, POST, READ, SOUND, ticksOf } from "../../../../support/metrics-ticks.ts";
import { createBench, NEW, OLD, PLAN } from "../../../../support/release-fakes.ts";

const DEAD: Partial<MetricsObservation> = { readAt: null, failure: "GET /metrics gives 503" };

interface Metrics {
  readonly candidate?: Behaviour;
  readonly baseline?: Behaviour;
  /** What is different about the observation, and from which second on. */
  readonly changes?: (now: number) => Partial<MetricsObservation>;
  readonly problem?: string;
}

/** Releases with metrics that tell a tick each second, on a clock that only moves when somebody waits. */
async function release(metrics: Metrics, plan: Partial<typeof PLAN> = {}) {
  const { candidate = SOUND, baseline = SOUND, changes = () => ({}), problem = null } = metrics;
  const asked: unknown[] = [];
  const source: MetricsSource = {
    findProblem: () => Promise.resolve(problem),
    watch({ signal, ...versions }) {
      asked.push(versions);
      const startedAt = bench.clock.now();
      return {
        read() {
          const now = bench.clock.now();
          const seconds = signal.aborted ? 0 : Math.floor((now - startedAt) / 1_000);
          const ticks = ticksOf(seconds, candidate, baseline);
          return { ticks, boundsMs: BOUNDS_MS, readAt: now, failure: null, resets: 0, ...changes(now - startedAt) };
        },
      };
    },
  };
  const bench = createBench({ metrics: source });
  const report = await runRelease({
    plan: { ...PLAN, bakeMs: 15_000, findOneIn: 20, metricsUrl: "http://127.0.0.1/metrics", ...plan },
    ports: bench.ports,
    journal: bench.journal,
    signal: new AbortController().signal,
    note: () => {},
    onTraffic: () => {},
  });
  const details = report.stages.flatMap(({ detail }) => detail).join("\n");
  return { report, details, asked, live: bench.controlPlane.live() };
}

const ROLLED_BACK = [{ versionId: OLD, percentage: 100 }];
const RELEASED = [{ versionId: NEW, percentage: 100 }];

describe("a release with metrics", () => {
  test("of a sound version is released, and its report has the evidence of each route", async ({ expect }) => {
    const { report, asked, live, details } = await release({});
    expect([report.outcome, live]).toEqual(["released", RELEASED]);
    expect(asked).toEqual([{ candidate: NEW, baseline: OLD }]);
    const step = report.stages.find(({ name }) => name === "10 %");
    expect(step?.metrics?.routes.map(({ route }) => route)).toContain(POST);
    expect(step?.metrics?.unavailable).toBeNull();
    expect(details).toContain("real traffic: the new version answered");
  });

  test("of a version that fails only writing is rolled back at the first step, by the metrics alone", async ({
    expect,
  }) => {
    const candidate = { ...SOUND, [POST]: { rate: 12, failed: () => 12 } };
    const { report, live } = await release({ candidate });
    expect([report.outcome, report.failedStage, live]).toEqual(["rolled-back", "10 %", ROLLED_BACK]);
    expect(report.stages.find(({ name }) => name === "10 %")?.foundBy).toEqual(["metrics"]);
    expect(report.reasons.join()).toContain(`real traffic: ${POST}`);
  });

  test("waits for what is delivered late", async ({ expect }) => {
    const { report } = await release({});
    const step = report.stages.find(({ name }) => name === "50 %");
    expect(step?.ms).toBeGreaterThanOrEqual(16_500);
  });
});

describe("metrics that are not there", () => {
  const COUNTED_NONE: Metrics = { candidate: {} };
  const LOST: Metrics = { changes: (now) => (now > 6_000 ? { readAt: 6_000, failure: "GET /metrics gives 503" } : {}) };

  test.for([
    ["unreachable from the start", { changes: () => ({ ...DEAD, ticks: [] }) }, "could not be read"],
    ["unreachable from some moment on", LOST, "GET /metrics gives 503"],
    ["without the new version's series", COUNTED_NONE, "hold 0 requests of the new version"],
    ["without the old version's series", { baseline: {} }, "hold 0 requests of the old version"],
  ] as const)("%s: probes alone decide, and the report says so", async ([, metrics, said], { expect }) => {
    const { report, details } = await release(metrics);
    expect(report.outcome).toBe("released");
    expect(details).toContain(said);
    expect(details).toContain("so probes alone have decided");
    expect(report.stages.find(({ name }) => name === "10 %")?.metrics?.unavailable).toContain(said.slice(-9));
  });

  test.for([
    ["unreachable", { changes: () => ({ ...DEAD, ticks: [] }) }],
    ["lost", LOST],
    ["without the new version's series", COUNTED_NONE],
  ] as const)("%s: the version is rejected when they are required", async ([, metrics], { expect }) => {
    const { report, live } = await release(metrics, { isMetricsRequired: true });
    expect([report.outcome, live]).toEqual(["rolled-back", ROLLED_BACK]);
    expect(report.reasons.join()).toContain("--require-metrics asks for it");
  });

  test("before anything has changed: a remark, or the end", async ({ expect }) => {
    const problem = "GET /metrics gives 403";
    const { report, details } = await release({ problem });
    expect(report.outcome).toBe("released");
    expect(details).toContain(`probes alone may have to decide: ${problem}`);
    const required = await release({ problem }, { isMetricsRequired: true });
    expect([required.report.outcome, required.report.failedStage]).toEqual(["stopped", "preflight"]);
  });

  test("set back: the rest counts, and the report says so", async ({ expect }) => {
    const { report, details } = await release({ changes: (now) => ({ resets: now > 8_000 ? 1 : 0 }) });
    expect(report.outcome).toBe("released");
    expect(details).toContain("set back");
  });

  test("what was seen before they were lost still speaks against the version", async ({ expect }) => {
    const candidate = { [READ]: { rate: 80 }, [POST]: { rate: 12, failed: () => 12 } };
    const { report } = await release({ candidate, ...LOST });
    expect(report.outcome).toBe("rolled-back");
  });
});
