import { describe, test } from "vitest";

import { costsOf, rateForBudget, totalOf } from "../../../tools/capacity/cost.ts";
import { computeUnitsFor, demandOf } from "../../../tools/capacity/demand.ts";
import { ASSUMED, PUBLISHED } from "../../../tools/capacity/inputs.ts";
import { recommend, scenarioAt, STEPS } from "../../../tools/capacity/ladder.ts";
import { firstLimitOf, limitsOf } from "../../../tools/capacity/limits/index.ts";
import { MEASURED } from "../../../tools/capacity/measured.ts";
import { DEFAULT_SETUP, DEFAULT_WORKLOAD, type Scenario } from "../../../tools/capacity/scenario.ts";

const scenario = (requestsPerSecond: number, changes: Partial<Scenario> = {}): Scenario => ({
  ...DEFAULT_WORKLOAD,
  ...DEFAULT_SETUP,
  requestsPerSecond,
  ...changes,
});
const limit = (name: string, given: Scenario) => limitsOf(given).find((candidate) => candidate.name === name);
const costOf = (name: string, given: Scenario) => costsOf(given).find((line) => line.name === name)?.usd;

const RATES = [0.001, 0.5, 1, 7, 100, 999, 1_000, 25_000, 1_000_000];
const SETUPS: readonly (readonly [string, Partial<Scenario>])[] = [
  ["the default", {}],
  ["free plans", { plan: "free" }],
  ["Hyperdrive with replicas", { driver: "hyperdrive", replicas: 3 }],
  ["several regions on Scale", { plan: "scale", regions: 4, replicas: 1 }],
  ["a cache, telemetry and callers", { cacheHitShare: 0.9, telemetryShare: 1, callers: 50 }],
];

describe("what a scenario asks for", () => {
  test("is all of the requests: gets, lists and writes", ({ expect }) => {
    const { gets, lists, writes, keyedWrites } = demandOf(
      scenario(1_000, { readShare: 0.8, listShare: 0.25, keyedShare: 0.5 }),
    );
    expect({ gets, lists, writes, keyedWrites }).toEqual({ gets: 600, lists: 200, writes: 200, keyedWrites: 100 });
  });

  test("is on the primary alone, until replicas take the reads", ({ expect }) => {
    const alone = demandOf(scenario(1_000));
    expect(alone.replica).toBeNull();
    expect(alone.primary.statementsPerSecond).toBeCloseTo(1_000, 6);
    const { primary, replica } = demandOf(scenario(1_000, { replicas: 3 }));
    expect(primary.statementsPerSecond).toBeCloseTo(100, 6);
    expect(replica?.statementsPerSecond).toBeCloseTo(300, 6);
  });

  test("leaves the database what the cache does not answer, and the Worker all of it", ({ expect }) => {
    const cached = demandOf(scenario(1_000, { cacheHitShare: 0.5 }));
    expect(cached.primary.statementsPerSecond).toBeCloseTo(550, 6);
    expect(cached.workerCpuMs).toBe(demandOf(scenario(1_000)).workerCpuMs);
  });

  test("takes a compute of a size that is sold, at the target utilisation or below", ({ expect }) => {
    const target = ASSUMED.targetUtilisation.value;
    expect([0, 0.25, 0.26, 0.5, 0.51, 3, 3.1].map((units) => computeUnitsFor(units * target))).toEqual([
      0.25, 0.25, 0.5, 0.5, 1, 3, 4,
    ]);
  });
});

describe("limits", () => {
  test.for(SETUPS)("with %s, are used the more, the more requests come", ([, changes], { expect }) => {
    for (const [place, rate] of RATES.slice(1).entries()) {
      const before = new Map(limitsOf(scenario(RATES[place] ?? 0, changes)).map(({ name, used }) => [name, used]));
      for (const { name, used } of limitsOf(scenario(rate, changes)))
        expect(used, name).toBeGreaterThanOrEqual(before.get(name) ?? Infinity);
    }
  });

  test.for(SETUPS)(
    "with %s, bind where they are used up, whatever the rate that was asked",
    ([, changes], { expect }) => {
      for (const { name, bindsAt, capacity } of limitsOf(scenario(10, changes))) {
        if (bindsAt === Infinity) continue;
        const there = limit(name, scenario(bindsAt, changes));
        expect(there?.used, name).toBeCloseTo(capacity, 6);
        expect((there?.bindsAt ?? 0) / bindsAt, name).toBeCloseTo(1, 9);
      }
    },
  );

  test.for(SETUPS)("with %s, come in the order in which they bind", ([, changes], { expect }) => {
    const rates = limitsOf(scenario(1_000, changes)).map(({ bindsAt }) => bindsAt);
    expect(rates).toEqual(rates.toSorted((left, right) => (left < right ? -1 : Number(left > right))));
    expect(firstLimitOf(scenario(1_000, changes)).bindsAt).toBe(rates[0]);
  });

  test("follow Little's law: 1,000 statements per second of 5 ms keep 5 connections busy", ({ expect }) => {
    const pool = limit("Hyperdrive's pool", scenario(1_000, { driver: "hyperdrive", databaseMs: 5 }));
    expect(pool?.used).toBeCloseTo(5, 9);
    expect(pool?.bindsAt).toBeCloseTo(20_000, 6); // 100 connections, each free again 200 times a second.
    const open = limit("Neon proxy's open connections", scenario(1_000, { databaseMs: 20 }));
    expect(open?.used).toBeCloseTo(20, 9);
    expect(open?.bindsAt).toBeCloseTo(1_000, 6);
  });

  test.for([
    { what: "the proxy's rate, over HTTP", changes: {}, first: "Neon proxy's rate per endpoint", at: 200 },
    {
      what: "that of the replicas, when they share the reads", // 200 / (0.9 / 2)
      changes: { replicas: 2 },
      first: "Neon proxy's rate per endpoint",
      at: 444.444,
    },
    {
      what: "that of the primary, when all but writes is cached", // 200 / 0.1
      changes: { cacheHitShare: 1 },
      first: "Neon proxy's rate per endpoint",
      at: 2_000,
    },
    {
      what: "the open connections, when statements are slow", // 20 / 0.2
      changes: { databaseMs: 200 },
      first: "Neon proxy's open connections",
      at: 100,
    },
    {
      what: "Hyperdrive's pool, when statements are slow", // 100 / 0.05
      changes: { driver: "hyperdrive", databaseMs: 50 },
      first: "Hyperdrive's pool",
      at: 2_000,
    },
    { what: "the callers' quota, when they are few", changes: { callers: 5 }, first: "rate limit per caller", at: 100 },
    {
      what: "the free compute, which any steady load keeps awake", // 100 of 180 hours, at a request every 300 s
      changes: { plan: "free" },
      first: "Neon Free's compute hours",
      at: 1 / 540,
    },
    {
      what: "the one telemetry object, when each request reports",
      changes: { telemetryShare: 1, endpointRequestsPerSecond: 5_000 },
      first: "one telemetry object",
      at: 1_000,
    },
  ] satisfies readonly { what: string; changes: Partial<Scenario>; first: string; at: number }[])(
    "say that $what comes first",
    ({ changes, first, at }, { expect }) => {
      const found = firstLimitOf(scenario(50, changes));
      expect(found.name).toBe(first);
      expect(found.bindsAt).toBeCloseTo(at, 2);
    },
  );

  test("of processors follow what a statement was measured to take", ({ expect }) => {
    const busy = (100 * MEASURED.databaseCpuWrite.value) / 1000;
    const processors = limit("PostgreSQL's processors", scenario(100, { readShare: 0 }));
    expect(processors?.used).toBeCloseTo(busy, 9);
    expect(processors?.bindsAt).toBeCloseTo((100 * PUBLISHED.computeLargestLaunch.value) / busy, 3);
  });

  test("of a single request never bind, unless one request is too much", ({ expect }) => {
    expect(limit("a request's subrequests", scenario(1e6))).toMatchObject({
      used: 1,
      capacity: 10_000,
      bindsAt: Infinity,
    });
    expect(limit("a request's subrequests", scenario(1, { plan: "free" }))?.capacity).toBe(50);
    expect(limit("a request's CPU", scenario(1e6))?.bindsAt).toBe(Infinity);
  });

  test("of the sweep widen with its runs, and of regions with their number", ({ expect }) => {
    const name = "sweep of idempotency keys";
    const hourly = limit(name, scenario(1_000))?.bindsAt ?? 0;
    expect(limit(name, scenario(1_000, { sweepsPerHour: 60 }))?.bindsAt).toBeCloseTo(hourly * 60, 3);
    expect(limit(name, scenario(1_000, { regions: 4 }))?.bindsAt).toBeCloseTo(hourly * 4, 3);
    expect(limit(name, scenario(1_000, { readShare: 1 }))?.bindsAt).toBe(Infinity);
  });

  test("leave no room for keys when the users alone fill the branch", ({ expect }) => {
    expect(limit("data of a Neon branch", scenario(1, { users: 1e12 }))?.bindsAt).toBe(0);
  });
});

describe("costs", () => {
  test("are those of the published prices, beyond what is included", ({ expect }) => {
    // 1,000 a second are 2,592 million a month; 10 million of them are included.
    expect(costOf("Workers requests", scenario(1_000))).toBeCloseTo(2_582 * 0.3, 6);
    expect(costOf("Workers requests", scenario(1))).toBe(0);
    expect(costOf("Workers Paid", scenario(1))).toBe(5);
    expect(costOf("Neon compute", scenario(1))).toBeCloseTo(0.25 * 720 * 0.106, 6);
    expect(costOf("Neon compute", scenario(1, { plan: "scale", regions: 2, replicas: 1 }))).toBeCloseTo(720 * 0.222, 6);
  });

  test.for(SETUPS)("with %s, never fall when more requests come", ([, changes], { expect }) => {
    const totals = RATES.map((rate) => totalOf(costsOf(scenario(rate, changes))));
    expect(totals).toEqual(totals.toSorted((left, right) => left - right));
  });

  test("fall with the share of requests that are logged", ({ expect }) => {
    const logs = (logShare: number) =>
      costOf("logs and traces, ingested", scenario(10_000, { logShare, traceShare: 0 })) ?? 0;
    expect(logs(0)).toBe(0);
    expect(logs(0.1)).toBeLessThan(logs(1) / 9);
  });

  test("of the Worker stay when a cache answers, those of the database fall", ({ expect }) => {
    const cached = scenario(10_000, { cacheHitShare: 0.9 });
    expect(costOf("Workers requests", cached)).toBe(costOf("Workers requests", scenario(10_000)));
    expect(costOf("Neon transfer", cached)).toBeLessThan(costOf("Neon transfer", scenario(10_000)) ?? 0);
  });

  test("are none on free plans", ({ expect }) => {
    expect(costsOf(scenario(1, { plan: "free" }))).toEqual([]);
    expect(rateForBudget(scenario(1, { plan: "free" }), 1)).toBe(Infinity);
  });

  test("reach a budget at the rate that the model names, and not before", ({ expect }) => {
    const rate = rateForBudget(scenario(1), 1_000);
    expect(totalOf(costsOf(scenario(rate)))).toBeLessThanOrEqual(1_000);
    expect(totalOf(costsOf(scenario(rate * 1.001)))).toBeGreaterThan(1_000);
    expect(rateForBudget(scenario(1), 1)).toBeCloseTo(0, 5);
  });
});

describe("the ladder", () => {
  test("recommends the simplest step that has room for bursts", ({ expect }) => {
    const steps = [1, 100, 1_000, 10_000, 100_000].map((rate) => recommend(scenario(rate)));
    const places = steps.map(({ step }) => STEPS.indexOf(step));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    for (const { scenario: target, firstLimit, isEnough } of steps) {
      expect(isEnough).toBe(true);
      expect(target.requestsPerSecond / firstLimit.bindsAt).toBeLessThanOrEqual(ASSUMED.targetUtilisation.value);
    }
  });

  test("leaves a step just where its first limit is used to the target, no later", ({ expect }) => {
    const at = firstLimitOf(scenarioAt("paid", scenario(1))).bindsAt * ASSUMED.targetUtilisation.value;
    expect(recommend(scenario(at * 0.999)).step.name).toBe("paid");
    expect(recommend(scenario(at * 1.001)).step.name).not.toBe("paid");
  });

  test("judges steps by what the caller knows of its database, not by what it has turned on", ({ expect }) => {
    expect(recommend(scenario(1_000, { endpointRequestsPerSecond: 5_000 })).step.name).toBe("paid");
    const turnedOn = recommend(scenario(1, { driver: "hyperdrive", replicas: 9, regions: 4, plan: "scale" }));
    expect(turnedOn.scenario).toMatchObject({ driver: "http", replicas: 0, regions: 1, plan: "launch" });
  });

  test("does not climb for limits that no step moves, and says what helps", ({ expect }) => {
    const { step, isEnough, besides } = recommend(scenario(10, { callers: 1, telemetryShare: 1 }));
    expect(step.name).toBe("paid");
    expect(isEnough).toBe(true);
    expect(besides).toEqual([]);
    const { step: same, besides: named } = recommend(scenario(100, { callers: 1, telemetryShare: 1 }));
    expect(same.name).toBe("paid");
    expect(named).toMatchObject([{ name: "rate limit per caller", remedy: expect.stringContaining("wrangler.toml") }]);
  });

  test("says so when the last step is not enough", ({ expect }) => {
    const { step, isEnough } = recommend(scenario(1e9));
    expect(step).toBe(STEPS.at(-1));
    expect(isEnough).toBe(false);
  });

  test("knows its steps by name only", ({ expect }) => {
    expect(() => scenarioAt("rocket", scenario(1))).toThrow('no step "rocket"');
  });
});
