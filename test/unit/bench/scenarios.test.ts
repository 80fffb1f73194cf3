import { describe, test } from "vitest";

import { toWrkScript } from "../../../bench/load/wrk-script.ts";
import { createNonces } from "../../../bench/run/nonces.ts";
import { findScenario, SCENARIOS } from "../../../bench/scenarios/index.ts";
import { keyEntries } from "../../../bench/scenarios/keys.ts";
import { idOf, placeOf, ROW_COUNT, usernameOf } from "../../../bench/scenarios/rows.ts";
import { fill, fillingsOf, HOLES, split, toRequest } from "../../../bench/scenarios/template.ts";

describe("templates", () => {
  test("holes are filled, other braces are not", ({ expect }) => {
    const fillings = fillingsOf({ index: 0, nonce: "abc123" });
    expect(fill('{"a":{"id":"{{id}}"}}', fillings)).toBe(`{"a":{"id":"${idOf(1)}"}}`);
    expect(split("x{{unique}}y")).toEqual(["x", { hole: "unique" }, "y"]);
    expect(() => split("{{nobody}}")).toThrow("unknown hole {{nobody}}");
  });

  test("what fills a hole always has the same length", ({ expect }) => {
    const nonces = createNonces("m");
    const lengths = [0, 7, 99_999, 12_345_678].map((index) => {
      const fillings = fillingsOf({ index, nonce: nonces() });
      return HOLES.map((hole) => fillings[hole].length);
    });
    expect(new Set(lengths.map(String)).size).toBe(1);
  });

  test("a walk meets each user once before it meets one again", ({ expect }) => {
    const places = Array.from({ length: ROW_COUNT }, (_, index) => placeOf(index));
    expect(new Set(places).size).toBe(ROW_COUNT);
    expect([Math.min(...places), Math.max(...places)]).toEqual([1, ROW_COUNT]);
  });

  test("names that are made differ by request and by run, and are usernames", ({ expect }) => {
    const nonces = createNonces("m");
    const [first, second] = [nonces(), nonces()];
    const names = [first, second].flatMap((nonce) => [0, 1].map((index) => fillingsOf({ index, nonce }).unique));
    expect(new Set(names).size).toBe(4);
    for (const name of [...names, usernameOf(1_000_000)]) expect(name).toMatch(/^[a-z0-9]{3,50}$/);
  });
});

describe("scenarios", () => {
  test("have the names that are promised", ({ expect }) => {
    const reads = ["health", "get-by-id", "get-by-username", "not-modified", "list-20", "list-100"];
    const writes = ["create", "keyed-create", "patch", "delete"];
    const refusals = ["unauthorized", "rate-limited", "validation-error"];
    expect(SCENARIOS.map(({ name }) => name)).toEqual([...reads, ...writes, ...refusals, "mixed"]);
  });

  test("a tenth of the mixed one writes", ({ expect }) => {
    const { requests } = findScenario("mixed");
    expect(requests.filter(({ method }) => method !== "GET")).toHaveLength(requests.length / 10);
    expect(requests.every(({ status }) => status < 400)).toBe(true);
  });

  test("bodies are JSON", ({ expect }) => {
    for (const template of SCENARIOS.flatMap(({ requests }) => requests)) {
      const { body, path } = toRequest(template, { index: 3, nonce: "abc123" });
      if (body !== null) expect(() => JSON.parse(body)).not.toThrow();
      expect(path).toMatch(/^\/[^{}]*$/);
    }
  });
});

describe("a script for wrk", () => {
  const script = (name: string, threads = 1) =>
    toWrkScript(
      {
        origin: "http://127.0.0.1:8080",
        scenario: findScenario(name),
        connections: 1,
        seconds: 1,
        nonce: "abc123",
        rows: 50,
      },
      threads,
    );

  test("says whole requests, with the length of their bodies", ({ expect }) => {
    const [template] = findScenario("create").requests;
    const body = template === undefined ? "" : (toRequest(template, { index: 0, nonce: "abc123" }).body ?? "");
    expect(script("create")).toContain(`Content-Length: ${body.length}\\013\\010\\013\\010`);
    expect(script("create")).toContain('string.format("%s%09d", NONCE, index)');
    expect(script("health")).toContain("GET /health HTTP/1.1\\013\\010Host: 127.0.0.1:8080");
    expect(script("health")).not.toContain("Content-Length");
  });

  test("sends different requests in turn, each written once", ({ expect }) => {
    const { requests } = findScenario("mixed");
    const [, cycle = ""] = /local cycle = \{ (.*) \}/.exec(script("mixed")) ?? [];
    expect(cycle.split(", ")).toHaveLength(requests.length);
    expect(script("mixed").match(/function\(\) return/g)).toHaveLength(new Set(requests).size);
  });

  test("knows its threads and the size of the table", ({ expect }) => {
    expect(script("get-by-id", 2)).toContain('local THREADS, ROWS, NONCE = 2, 50, "abc123"');
  });
});

test("keys: so many as asked for, that of the measurement always among them", ({ expect }) => {
  expect(keyEntries(1).map(({ id }) => id)).toEqual(["bench"]);
  expect(keyEntries().map(({ id }) => id)).toEqual(["limited", "bench"]);
  const thousand = keyEntries(1_000);
  expect([thousand.length, new Set(thousand.map(({ sha256 }) => sha256)).size]).toEqual([1_000, 1_000]);
  expect(thousand.at(-1)?.id).toBe("bench");
});
