import { describe, test } from "vitest";

import type { Family } from "../../../telemetry/src/catalogue.ts";
import { escapeLabelValue, formatExposition } from "../../../telemetry/src/exposition.ts";
import { KEEP_VERSION_MS, mergeShards } from "../../../telemetry/src/merge.ts";
import { chooseFormat } from "../../../telemetry/src/negotiation.ts";
import { collectSamples } from "../../../telemetry/src/samples.ts";
import type { ShardState } from "../../../telemetry/src/stored.ts";
import { admitValue, type KnownValues, type OpenLabel } from "../../../telemetry/src/vocabulary.ts";
import { parseExposition } from "../../support/exposition-parser.ts";

const NOW = 1_800_000_000_000;
const BUCKETS = [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1];

function shard(overrides: Partial<ShardState> = {}): ShardState {
  return {
    histograms: [
      { name: "http_request", labels: ["GET", "/a", "200"], version: "v1", sumMs: 12_345, buckets: BUCKETS },
      { name: "db_query", labels: ["users.find"], version: "", sumMs: 7, buckets: BUCKETS },
    ],
    counters: [{ name: "db_errors_total", labels: ["overloaded"], value: 3 }],
    versions: [{ id: "v1", tag: 'a "tag"\nwith \\ all', seenAt: NOW }],
    breakers: [],
    ...overrides,
  };
}

const textOf = (states: readonly ShardState[], format: "prometheus" | "openmetrics" = "prometheus"): string =>
  formatExposition(collectSamples(mergeShards(states, NOW)), format);

describe("the exposition", () => {
  test("is read by a strict parser, with every label as it was", ({ expect }) => {
    const parsed = parseExposition(textOf([shard(), shard()]), "prometheus");
    const labels = {
      method: "GET",
      route: "/a",
      status: "200",
      version_id: "v1",
      version_tag: 'a "tag"\nwith \\ all',
    };
    expect(parsed.samples).toContainEqual({
      family: "http_requests",
      name: "http_requests_total",
      labels,
      value: 8,
    });
    const name = "http_request_duration_seconds_sum";
    expect(parsed.samples).toContainEqual({ family: "http_request_duration_seconds", name, labels, value: 24.69 });
    expect(parseExposition(textOf([shard(), shard()], "openmetrics"), "openmetrics")).toEqual(parsed);
  });

  test("has what needs no label from the start", ({ expect }) => {
    const { samples, types } = parseExposition(textOf([]), "prometheus");
    expect(samples.map(({ name, labels, value }) => [name, labels, value])).toEqual([
      ["circuit_breaker_state", { state: "half-open" }, 0],
      ["circuit_breaker_state", { state: "open" }, 0],
      ["load_shedding_refused_total", {}, 0],
    ]);
    expect(types.size).toBe(9);
  });

  test.for([
    ["plain", "plain"],
    ['"', '\\"'],
    ["\\", "\\\\"],
    ["\n", "\\n"],
    ["\\n", "\\\\n"],
    ['"} 1\nevil 1', '\\"} 1\\nevil 1'],
  ])("escapes %j", ([text = "", escaped], { expect }) => {
    expect(escapeLabelValue(text)).toBe(escaped);
  });

  test("escapes the help of each format by its own rules", ({ expect }) => {
    const family: Family = { name: "a", type: "gauge", help: 'a "b" \\ c\nd', labels: [] };
    expect(formatExposition([{ family, samples: [] }], "prometheus")).toContain('# HELP a a "b" \\\\ c\\nd\n');
    expect(formatExposition([{ family, samples: [] }], "openmetrics")).toContain('# HELP a a \\"b\\" \\\\ c\\nd\n');
  });
});

describe("the parser of these tests: planted mistakes", () => {
  const text = textOf([shard()]);

  test.for<[string, RegExp, string]>([
    ["a line feed missing", /\n$/, ""],
    ["an unescaped quote", /users\.find"/, 'users"find"'],
    ["a bucket less than the one before", /le="0\.01"\} 1/, 'le="0.01"} 0'],
    ["a count that is not the last bucket's", /_count(\S+) 4/, "_count$1 5"],
    ["no last bucket", /db_query_duration_seconds_bucket\S+le="\+Inf"\} 4\n/, ""],
    ["a family twice", /$/, "# TYPE http_requests_total counter\n"],
    ["a sample outside of its family", /# HELP db_errors_total/, "stray_total 1\n# HELP db_errors_total"],
    ["the same series twice", /(db_errors_total\{.*\n)/, "$1$1"],
    ["a value that is none", /(kind="overloaded"\}) 3/, "$1 three"],
    ["a counter without its suffix", /# TYPE db_errors_total counter/, "# TYPE db_errors counter"],
  ])("%s is found", ([, pattern, replacement], { expect }) => {
    expect(text).toMatch(pattern);
    expect(() => parseExposition(text.replace(pattern, replacement), "prometheus")).toThrow();
  });

  test("a text without its end is found in OpenMetrics", ({ expect }) => {
    expect(() => parseExposition(text, "openmetrics")).toThrow("# EOF");
  });
});

describe("the sum of all shards", () => {
  test("leaves out a version that none has heard of for long, and says so; one that a single shard knows stays", ({
    expect,
  }) => {
    const old = shard({ versions: [{ id: "v1", tag: "", seenAt: NOW - KEEP_VERSION_MS - 1 }] });
    const gone = mergeShards([old, old], NOW);
    expect(gone.expired).toEqual(["v1"]);
    expect(gone.histograms.map(({ name }) => name)).toEqual(["db_query"]);
    const kept = mergeShards([old, shard()], NOW);
    expect(kept.expired).toEqual([]);
    expect(kept.histograms.find(({ version }) => version === "v1")?.sumMs).toBe(24_690);
  });

  test("takes the last word of each isolate about its breaker, whichever shard has it", ({ expect }) => {
    const report = (isolate: string, state: string, at: number) => ({ isolate, state, at });
    const { breakers } = mergeShards(
      [
        shard({ breakers: [report("a", "open", 1), report("b", "open", 5), report("c", "half-open", 1)] }),
        shard({ breakers: [report("a", "closed", 2), report("b", "half-open", 4)] }),
      ],
      NOW,
    );
    expect(Object.fromEntries(breakers)).toEqual({ open: 1, "half-open": 1 });
  });
});

describe("the format", () => {
  const PROMETHEUS_3 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

  test.for<[string | null, string]>([
    [null, "prometheus"],
    ["*/*", "prometheus"],
    ["text/plain", "prometheus"],
    ["application/openmetrics-text", "openmetrics"],
    ["application/openmetrics-text; version=1.0.0", "openmetrics"],
    ['application/openmetrics-text; version="1.0.0"', "openmetrics"],
    ["application/openmetrics-text; version=0.0.1", "prometheus"],
    ["application/openmetrics-text;q=0", "prometheus"],
    ["application/openmetrics-text;q=0.2, text/plain;q=0.8", "prometheus"],
    ["application/openmetrics-text;q=nonsense, ;;,=", "prometheus"],
    [PROMETHEUS_3, "openmetrics"],
  ])("for Accept %s is %s", ([accept, format], { expect }) => {
    expect(chooseFormat(accept)).toBe(format);
  });
});

describe("values of open labels", () => {
  function knowing() {
    const values = new Map<OpenLabel, Set<string>>();
    const of = (label: OpenLabel): Set<string> => {
      const set = values.get(label) ?? new Set();
      values.set(label, set);
      return set;
    };
    const known: KnownValues = {
      has: (label, value) => of(label).has(value),
      count: (label) => of(label).size,
      add: (label, value) => void of(label).add(value),
    };
    return { known, of };
  }

  test.for<[OpenLabel, string]>([
    ["route", "/"],
    ["route", "/api/v1/users/id/:id"],
    ["route", "/openapi.json"],
    ["statement", "users.find_by_id"],
    ["kind", "database-unavailable"],
    ["version", "local"],
    ["version", "0b4a8d30-56b4-4f0a-9a4e-2f8e6d1c9a77"],
  ])("a %s may be %s", ([label, value], { expect }) => {
    expect(admitValue(knowing().known, label, value)).toBe(value);
  });

  test.for<[OpenLabel, string]>([
    ["route", "no/path"],
    ["route", "/a//b"],
    ["route", "/a b"],
    ["route", '/a"} 1\nevil 1'],
    ["route", `/${"a".repeat(200)}`],
    ["route", `/${"a-".repeat(60)}!`],
    ["statement", "select * from users"],
    ["version", ""],
    ["kind", "a\nb"],
  ])("no %s is %j", ([label, value], { expect }) => {
    expect(admitValue(knowing().known, label, value)).toBe("other");
  });

  test("10,000 of each make no more than there is room for, and those that were first stay", ({ expect }) => {
    const { known, of } = knowing();
    for (const label of ["route", "statement", "kind", "reason", "version"] as const) {
      const value = (n: number) => (label === "route" ? `/p${n}` : `p${n}`);
      for (let n = 0; n < 10_000; n++) admitValue(known, label, value(n));
      expect(of(label).size).toBeLessThanOrEqual(200);
      expect(admitValue(known, label, value(0))).toBe(value(0));
      expect(admitValue(known, label, value(9_999))).toBe("other");
    }
  });
});
