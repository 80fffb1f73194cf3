import { describe, test } from "vitest";

import { BATCH_EXPIRES_MS, type BatchOutcome, type MetricsBatch } from "../../../src/observability/metrics-batch.ts";
import { FLUSH_MS, FLUSH_SIZE, Metrics } from "../../../src/observability/metrics.ts";

type Answer = BatchOutcome | "error" | "never";

/** Metrics over a clock that goes on when told, and a sink that answers as told: with the last answer from then on. */
function given(...answers: Answer[]) {
  let now = 1_000_000;
  let waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  const sent: MetricsBatch[] = [];
  /** Those that arrived, by their ids. */
  const stored = new Map<string, MetricsBatch>();
  const work: Promise<unknown>[] = [];
  const failures: string[] = [];
  const metrics = new Metrics({
    sink: {
      async record(batch) {
        sent.push(structuredClone(batch));
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === "recorded" || answer === "repeated") stored.set(batch.id, structuredClone(batch));
        if (answer === "error") throw new Error("telemetry is down");
        return answer === "never" || answer === undefined ? await new Promise<never>(() => {}) : answer;
      },
    },
    version: { id: "v1", tag: "abc" },
    clock: () => now,
    sleep: (milliseconds) => new Promise((resolve) => waiting.push({ at: now + milliseconds, resolve })),
    onFailure: (reason) => failures.push(reason),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return {
    metrics,
    sent,
    stored,
    failures,
    work,
    request(times = 1) {
      for (let n = 0; n < times; n++) {
        metrics.buffer.addRequest("GET", "/a", 200, 1);
        metrics.schedule({ waitUntil: (promise) => work.push(promise) });
      }
    },
    async pass(milliseconds: number) {
      const end = now + milliseconds;
      for (await settle(); now < end; await settle()) {
        now = Math.min(end, ...waiting.map(({ at }) => at));
        const due = waiting.filter(({ at }) => at <= now);
        waiting = waiting.filter(({ at }) => at > now);
        for (const { resolve } of due) resolve();
      }
    },
  };
}

const requestsIn = (batches: readonly MetricsBatch[]): number =>
  batches.flatMap(({ requests }) => requests).reduce((sum, { buckets }) => sum + buckets.reduce((a, b) => a + b), 0);

describe("metrics", () => {
  test("wait for company, and then go together", async ({ expect }) => {
    const { request, pass, sent, work } = given("recorded");
    request(3);
    expect(work).toHaveLength(1);
    await pass(FLUSH_MS - 1);
    expect(sent).toEqual([]);
    await pass(1);
    expect(sent).toHaveLength(1);
    expect(requestsIn(sent)).toBe(3);
    expect(sent[0]).toMatchObject({ version: { id: "v1", tag: "abc" }, breaker: "closed" });
    expect(sent[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    await Promise.all(work);
  });

  test("wait no longer when they are many", async ({ expect }) => {
    const { request, pass, sent } = given("recorded");
    request(FLUSH_SIZE);
    await pass(0);
    expect(requestsIn(sent)).toBe(FLUSH_SIZE);
  });

  test("are under way in one batch at most, however long telemetry takes", async ({ expect }) => {
    const { request, pass, sent } = given("never");
    request(3 * FLUSH_SIZE);
    await pass(4_000);
    request(3 * FLUSH_SIZE);
    expect(sent).toHaveLength(1);
  });

  test.for<[string, Answer[]]>([
    ["an error", ["error", "recorded"]],
    ["a repetition that was known", ["error", "repeated", "recorded"]],
    ["no answer in time", ["never", "recorded"]],
    ["many errors", [...Array.from({ length: 7 }, () => "error" as const), "recorded"]],
  ])("are sent again, the same with the same id, after %s, and nothing is lost", async ([, answers], { expect }) => {
    const { request, pass, sent, stored } = given(...answers);
    for (let second = 0; second < 60; second++) {
      request(5);
      await pass(1_000);
    }
    await pass(2_000);
    const distinct = new Map(sent.map((batch) => [batch.id, batch]));
    for (const batch of sent) expect(batch).toEqual(distinct.get(batch.id));
    expect(sent.length).toBeGreaterThan(distinct.size);
    expect(requestsIn([...stored.values()])).toBe(300);
  });

  test("leave telemetry alone for a while after it failed", async ({ expect }) => {
    const { request, pass, sent } = given("error");
    request();
    await pass(FLUSH_MS + 2_000);
    expect(sent).toHaveLength(3);
    request(FLUSH_SIZE);
    await pass(4_000);
    expect(sent).toHaveLength(3);
  });

  test("are delivered by others when the platform ended whoever was to do it", async ({ expect }) => {
    const { metrics, sent, pass } = given("recorded");
    metrics.buffer.addRequest("GET", "/a", 200, 1);
    metrics.schedule({ waitUntil: () => {} });
    await pass(FLUSH_MS);
    metrics.buffer.addRequest("GET", "/a", 200, 1);
    metrics.schedule({ waitUntil: () => {} });
    await pass(FLUSH_MS);
    expect(requestsIn(sent)).toBe(2);
  });

  test.for<[Answer, string]>([
    ["stale", "expired"],
    ["malformed", "refused"],
  ])("that are %s are given up, and told as lost with the next batch", async ([answer, reason], { expect }) => {
    const { request, pass, sent, failures } = given(answer, "recorded");
    request(2);
    await pass(10_000);
    request();
    await pass(10_000);
    expect(failures).toEqual([reason]);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.counters).toEqual([{ name: "telemetry_lost_measurements_total", labels: [reason], value: 2 }]);
  });

  test("that nobody took for too long are not sent again: telemetry may have forgotten the id", async ({ expect }) => {
    const { request, pass, sent, failures } = given("error", "error", "error", "recorded");
    request(2);
    await pass(BATCH_EXPIRES_MS);
    request();
    await pass(10_000);
    expect(failures).toEqual(["undelivered", "expired"]);
    request();
    await pass(10_000);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
    expect(sent.at(-1)?.counters).toEqual([
      { name: "telemetry_lost_measurements_total", labels: ["expired"], value: 2 },
    ]);
  });

  test("tell the breaker's state, and how it came to it", async ({ expect }) => {
    const { metrics, request, pass, sent } = given("recorded");
    metrics.noteBreaker("closed", "open");
    request();
    await pass(FLUSH_MS);
    expect(sent[0]).toMatchObject({
      breaker: "open",
      counters: [{ name: "circuit_breaker_transitions_total", labels: ["closed", "open"], value: 1 }],
    });
  });
});
