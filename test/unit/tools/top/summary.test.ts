import { describe, test } from "vitest";

import { parseExposition } from "../../../../tools/top/exposition.ts";
import { increases } from "../../../../tools/top/increases.ts";
import { summarise } from "../../../../tools/top/summary.ts";

const REQUEST = "http_request_duration_seconds";

/** Lines of one series: so many requests within 0.1 s, and so many within a second. */
function requests(labels: string, fast: number, slow: number): string {
  const all = fast + slow;
  return [
    `http_requests_total{${labels}} ${all}`,
    `${REQUEST}_bucket{${labels},le="0.1"} ${fast}`,
    `${REQUEST}_bucket{${labels},le="1.0"} ${all}`,
    `${REQUEST}_bucket{${labels},le="+Inf"} ${all}`,
    `${REQUEST}_sum{${labels}} 1.5`,
    `${REQUEST}_count{${labels}} ${all}`,
  ].join("\n");
}

const labelsOf = (route: string, status: number, version = "one", tag = "") =>
  `method="GET",route="${route}",status="${status}",version_id="${version}",version_tag="${tag}"`;

const scrapeAt = (atMs: number, ...lines: readonly string[]) => ({
  atMs,
  samples: parseExposition(`# TYPE http_requests_total counter\n${lines.join("\n")}\n`),
});

describe("the text format", () => {
  test("is read with its escapes, its infinities and its timestamps", ({ expect }) => {
    expect(parseExposition(`a{b="x\\"y\\\\z\\n,",c=""} 1e3 1700000000000\nd +Inf\ne -Inf\n\n# HELP a b\n`)).toEqual([
      { name: "a", labels: { b: 'x"y\\z\n,', c: "" }, value: 1_000 },
      { name: "d", labels: {}, value: Infinity },
      { name: "e", labels: {}, value: -Infinity },
    ]);
  });

  test("is nothing else: a page of HTML is refused", ({ expect }) => {
    expect(() => parseExposition("<!doctype html>")).toThrow("<!doctype html>");
  });
});

describe("increases", () => {
  const rise = (before: string, after: string) =>
    increases(parseExposition(before), parseExposition(after)).map(({ value }) => value);

  test("are differences, whatever the order of labels", ({ expect }) => {
    expect(rise(`a{x="1",y="2"} 3`, `a{y="2",x="1"} 10`)).toEqual([7]);
  });

  test("a counter that was set back has risen by what it is now, and a new one by all that it is", ({ expect }) => {
    expect(rise("a 100", "a 4")).toEqual([4]);
    expect(rise("", "a 4")).toEqual([4]);
  });
});

describe("a summary of two scrapes", () => {
  test("has rates, shares and quantiles of what happened between them, the busiest first", ({ expect }) => {
    const before = scrapeAt(0, requests(labelsOf("/a", 200), 1_000, 50), requests(labelsOf("/b", 500), 7, 0));
    const after = scrapeAt(
      2_000,
      requests(labelsOf("/a", 200), 1_010, 50),
      requests(labelsOf("/b", 500), 7, 4),
      requests(labelsOf("/b", 429, "two", "v2"), 12, 0),
      requests(labelsOf("/b", 404, "two", "v2"), 4, 0),
    );
    const { seconds, counted, routes, versions, total } = summarise(before, after);
    expect({ seconds, counted }).toEqual({ seconds: 2, counted: 1_087 });
    expect(routes.map(({ name, perSecond }) => [name, perSecond])).toEqual([
      ["GET /b", 10],
      ["GET /a", 5],
    ]);
    expect(routes[0]).toMatchObject({ serverErrors: 0.2, clientErrors: 0.2, rateLimited: 0.6 });
    // 16 of 20 within 0.1 s: the 19th is three quarters into the next bucket.
    expect(routes[0]?.p95).toBeCloseTo(0.775, 12);
    expect(versions.map(({ name, perSecond }) => [name, perSecond])).toEqual([
      ["v2 two", 8],
      ["one", 7],
    ]);
    expect(total).toMatchObject({ perSecond: 15, p50: expect.closeTo(0.1 * (15 / 26), 12) });
  });

  test("has breakers as they are, and how often each trouble came", ({ expect }) => {
    const lines = (n: number) => [
      `circuit_breaker_state{state="open"} 2`,
      `circuit_breaker_transitions_total{from="closed",to="open"} ${n}`,
      `circuit_breaker_transitions_total{from="open",to="half-open"} ${5 * n}`,
      `load_shedding_refused_total ${2 * n}`,
      `db_errors_total{kind="timeout"} ${3 * n}`,
      `db_retries_total{statement="users.list"} ${4 * n}`,
      `telemetry_lost_measurements_total{reason="expired"} ${6 * n}`,
    ];
    const { breakers, events, routes, total } = summarise(scrapeAt(0, ...lines(1)), scrapeAt(1_000, ...lines(2)));
    expect(breakers).toEqual({ open: 2, halfOpen: 0 });
    expect(events).toEqual({
      breakersOpened: 1,
      loadShed: 2,
      databaseErrors: 3,
      databaseRetries: 4,
      measurementsLost: 6,
    });
    expect({ routes, total }).toMatchObject({ routes: [], total: { perSecond: 0, p99: null } });
  });
});
