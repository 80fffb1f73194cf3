import { afterAll, beforeAll, describe, test } from "vitest";

import { BUCKET_BOUNDS_MS } from "../../src/observability/metrics-batch.ts";
import { systemClock } from "../../tools/release/measure/clock.ts";
import { addCounts } from "../../tools/release/metrics/counters.ts";
import { parseExposition } from "../../tools/release/metrics/exposition.ts";
import { createMetricsSource } from "../../tools/release/metrics/metrics-source.ts";
import type { MetricsObservation, MetricsSource, RouteCounts } from "../../tools/release/metrics/observation.ts";
import { startStack, type Stack } from "../support/stack.ts";
import {
  getMetrics,
  METRICS_TOKEN,
  readMetrics,
  telemetryCompanions,
  telemetryUrl,
  waitForRequests,
} from "../support/telemetry.ts";

/** The version that answers where no deployment made one. */
const LOCAL = "local";
const USERS = "/api/v1/users";
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ companions: await telemetryCompanions() });
});

afterAll(async () => {
  await stack.stop();
});

async function sourceWith(token: string): Promise<MetricsSource> {
  return createMetricsSource({ url: (await telemetryUrl(stack)).href, token });
}

const send = async (method: string, path: string, body?: string): Promise<number> => {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(new URL(path, stack.url), { method, headers, ...(body === undefined ? {} : { body }) });
  await response.arrayBuffer();
  return response.status;
};

const requestsOf = ({ ticks }: MetricsObservation): number =>
  ticks.flatMap(({ candidate }) => [...candidate.values()]).reduce((sum, { requests }) => sum + requests, 0);

/** Over all ticks. */
function sumOf({ ticks }: MetricsObservation, route: string): RouteCounts | undefined {
  return ticks.reduce<RouteCounts | undefined>((sum, { candidate }) => {
    const more = candidate.get(route);
    return more === undefined ? sum : addCounts(sum, more);
  }, undefined);
}

describe("what a release reads of the real telemetry Worker", () => {
  test("is what was sent since it began to look, by method, route and outcome", async ({ expect }) => {
    expect(await send("GET", "/health")).toBe(200);
    await waitForRequests(stack, 1);
    const stop = new AbortController();
    const source = await sourceWith(METRICS_TOKEN);
    expect(await source.findProblem(stop.signal)).toBeNull();
    const watch = source.watch({
      candidate: LOCAL,
      baseline: "00000000-0000-4000-8000-000000000000",
      signal: stop.signal,
    });
    await expect.poll(() => watch.read().readAt, { timeout: 30_000 }).not.toBeNull();

    for (let place = 0; place < 10; place++) expect(await send("GET", "/health")).toBe(200);
    for (let place = 0; place < 7; place++) expect(await send("GET", `${USERS}/id/${ABSENT}`)).toBe(404);
    for (let place = 0; place < 5; place++) expect(await send("POST", USERS, "{}")).toBe(400);
    expect(await send("DELETE", `${USERS}/id/${ABSENT}`)).toBe(204);

    await expect.poll(() => requestsOf(watch.read()), { timeout: 60_000 }).toBe(23);
    stop.abort();
    const observation = watch.read();
    expect(sumOf(observation, "GET /health")).toMatchObject({ requests: 10, failed: 0, refused: 0 });
    expect(sumOf(observation, "GET /api/v1/users/id/:id")).toMatchObject({ requests: 7, failed: 0, refused: 7 });
    expect(sumOf(observation, "POST /api/v1/users")).toMatchObject({ requests: 5, failed: 0, refused: 5 });
    expect(sumOf(observation, "DELETE /api/v1/users/id/:id")).toMatchObject({ requests: 1, failed: 0, refused: 0 });
    expect(observation).toMatchObject({ boundsMs: BUCKET_BOUNDS_MS, failure: null, resets: 0 });
    // The other version has answered nothing, which is not the same as nothing being known.
    expect(observation.ticks.every(({ baseline }) => baseline.size === 0)).toBe(true);
  });

  test("is read as the tests' own parser reads it", async ({ expect }) => {
    const { samples } = await readMetrics(stack);
    const response = await getMetrics(stack, { Authorization: `Bearer ${METRICS_TOKEN}` });
    const read = parseExposition(await response.text());
    expect(read).toEqual(samples.map(({ name, labels, value }) => ({ name, labels, value })));
    expect(read.length).toBeGreaterThan(50);
  });

  test("is refused with a wrong token, and the reader says why", async ({ expect }) => {
    const { signal } = new AbortController();
    const problem = await (await sourceWith("wrong-token")).findProblem(signal);
    expect(problem).toContain("gives 403: METRICS_TOKEN is not the one that telemetry knows");
    expect(problem).not.toContain("wrong-token");
  });

  test("is missed when telemetry cannot be reached", async ({ expect }) => {
    const { signal } = new AbortController();
    const source = createMetricsSource({ url: "http://127.0.0.1:9/metrics", token: "a", clock: systemClock });
    expect(await source.findProblem(signal)).toContain("gives no answer");
  });
});
