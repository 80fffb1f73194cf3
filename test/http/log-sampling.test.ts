import { describe, test } from "vitest";

import { LogSampling } from "../../src/observability/log-sampling.ts";
import { USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

const SPAN = "00f067aa0ba902b7";
/** A trace that is among the first share of all, by its last 13 digits. */
const traceAt = (share: number): string =>
  `4bf92f3577b34da6a3c${Math.floor(share * 16 ** 13)
    .toString(16)
    .padStart(13, "0")}`;
const carrying = (traceId: string) => ({ headers: { traceparent: `00-${traceId}-${SPAN}-01` } });

const sampledApp = (rate: number, slowMs = 1_000, clock: () => number = Date.now) =>
  createTestApp({ logSampling: { rate, slowMs }, clock });

const statusesOf = ({ events }: ReturnType<typeof createTestApp>) =>
  events.map(({ fields }) => [fields["status"], fields["sample_rate"]]);

describe("a log that is sampled", () => {
  test.for<[number, number, boolean]>([
    [0.1, 0.099, true],
    [0.1, 0.101, false],
    [0.000001, 0, true],
    [0, 0, false],
    [1, 0.999999, true],
  ])("at %s: a trace at %s is kept: %s", async ([rate, share, isKept], { expect }) => {
    const app = sampledApp(rate);
    await app.request("/health", carrying(traceAt(share)));
    expect(statusesOf(app)).toEqual(isKept ? [[200, rate]] : []);
  });

  test("keeps all requests of a trace, or none", async ({ expect }) => {
    const app = sampledApp(0.5);
    for (const share of [0.2, 0.8]) {
      for (const path of ["/health", "/", USERS]) await app.request(path, carrying(traceAt(share)));
    }
    expect(app.events.map(({ fields }) => fields["trace_id"])).toEqual(Array.from({ length: 3 }, () => traceAt(0.2)));
  });

  test("keeps every refusal and every failure, as certain", async ({ expect }) => {
    const app = createTestApp({
      logSampling: { rate: 0, slowMs: 1_000 },
      probe: { ping: () => Promise.reject(new Error("down")), hasMigration: async () => true },
    });
    for (const path of ["/nothing", "/api/v1/users/id/7", "/ready"]) await app.request(path, carrying(traceAt(0.9)));
    expect(statusesOf(app)).toEqual([
      [404, 1],
      [400, 1],
      [503, 1],
    ]);
  });

  test("keeps every slow request, as certain", async ({ expect }) => {
    let now = 0;
    const app = sampledApp(0, 250, () => (now += 125));
    await app.request("/health");
    expect(statusesOf(app)).toEqual([]);
    now = 0;
    const slow = sampledApp(0, 125, () => (now += 125));
    await slow.request("/health");
    expect(statusesOf(slow)).toEqual([[200, 1]]);
  });

  test("can be counted: each line stands for the inverse of its rate", async ({ expect }) => {
    const sampling = new LogSampling({ rate: 0.1, slowMs: 1_000 });
    const traces = Array.from({ length: 20_000 }, () => crypto.randomUUID().replaceAll("-", ""));
    const rates = traces.map((traceId, n) => sampling.rateOf(traceId, n % 50 === 0 ? 500 : 200, 1));
    const estimate = rates.filter((rate) => rate > 0).reduce((sum, rate) => sum + 1 / rate, 0);
    // Ten standard deviations of a binomial of 19,600 at 0.1, times ten.
    expect(Math.abs(estimate - traces.length)).toBeLessThan(4_200);
    expect(rates.filter((rate) => rate === 1)).toHaveLength(400);
  });
});
