import { describe, test } from "vitest";

import { createMetricsSource } from "../../../../../tools/release/metrics/metrics-source.ts";
import type { MetricsObservation } from "../../../../../tools/release/metrics/observation.ts";
import { exposition, NEW_VERSION as NEW, OLD_VERSION as OLD } from "../../../../support/metrics-text.ts";
import { createVirtualClock } from "../../../../support/virtual-clock.ts";

const TOKEN = "secret-token";
const TYPE = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };
const requestsAt = (count: number): string =>
  exposition([NEW, OLD].map((version) => ({ version, route: "GET /a", status: 200, ms: Array(count).fill(4) })));

/** Reads once a second what `answer` gives, and what is known after so many seconds. */
async function observe(seconds: number, answer: (reading: number) => Response): Promise<MetricsObservation> {
  const clock = createVirtualClock();
  let reading = 0;
  const source = createMetricsSource({
    url: "https://telemetry.example/metrics",
    token: TOKEN,
    clock,
    fetch: (_, init) => {
      if (new Headers(init?.headers).get("Authorization") !== `Bearer ${TOKEN}`) throw new Error("no token");
      return Promise.resolve(answer(reading++));
    },
  });
  const stop = new AbortController();
  const watch = source.watch({ candidate: NEW, baseline: OLD, signal: stop.signal });
  await clock.sleep(seconds * 1_000 + 500, stop.signal);
  const observation = watch.read();
  stop.abort();
  return observation;
}

const requestsOf = ({ ticks }: MetricsObservation): readonly (number | undefined)[] =>
  ticks.map(({ candidate }) => candidate.get("GET /a")?.requests);

describe("the reader of telemetry's metrics", () => {
  test("tells what each second has added, from the first reading on", async ({ expect }) => {
    const observation = await observe(3, (reading) => new Response(requestsAt(5 + 2 * reading), { headers: TYPE }));
    expect(requestsOf(observation)).toEqual([2, 2, 2]);
    expect(observation).toMatchObject({ failure: null, resets: 0 });
    expect(observation.boundsMs.slice(0, 3)).toEqual([5, 10, 25]);
  });

  test("loses nothing when a reading fails: the next one holds what it missed", async ({ expect }) => {
    const observation = await observe(4, (reading) =>
      reading === 2 ? new Response("busy", { status: 503 }) : new Response(requestsAt(reading), { headers: TYPE }),
    );
    expect(requestsOf(observation)).toEqual([1, 2, 1]);
    expect(observation.failure).toBeNull();
  });

  test("begins anew when counters were set back, and says so", async ({ expect }) => {
    const observation = await observe(
      4,
      (reading) => new Response(requestsAt(reading < 2 ? 100 + reading : reading), { headers: TYPE }),
    );
    expect(requestsOf(observation)).toEqual([1, 1, 1]);
    expect(observation.resets).toBe(1);
  });

  test.for([
    ["503 without a token", () => new Response("no", { status: 503 }), "gives 503"],
    ["403", () => new Response("no", { status: 403 }), "METRICS_TOKEN is not the one"],
    ["401", () => new Response("no", { status: 401 }), "METRICS_TOKEN is missing"],
    ["a page", () => new Response("<p>", { headers: { "Content-Type": "text/html" } }), "another type"],
    ["a cut text", () => new Response("a 1", { headers: TYPE }), "does not end with a line feed"],
    ["a redirect", () => new Response(null, { status: 302, headers: { Location: "https://x.example" } }), "302"],
    ["bytes that are no UTF-8", () => new Response(new Uint8Array([0xff]), { headers: TYPE }), "cannot be read"],
  ] as const)("says what is wrong with %s, never the token", async ([, answer, said], { expect }) => {
    const { failure, ticks, readAt } = await observe(1, answer);
    expect(failure).toContain(said);
    expect(failure).not.toContain(TOKEN);
    expect([ticks, readAt]).toEqual([[], null]);
  });
});
