import { describe, test } from "vitest";

import { readCounters, subtractCounters } from "../../../../../tools/release/metrics/counters.ts";
import { parseExposition } from "../../../../../tools/release/metrics/exposition.ts";
import { exposition, NEW_VERSION as NEW, OLD_VERSION as OLD } from "../../../../support/metrics-text.ts";

describe("the strict reader of Prometheus's text format", () => {
  test("reads names, labels with escapes, and numbers as the format has them", ({ expect }) => {
    const text = [
      "# HELP a_total What it is.",
      "# TYPE a_total counter",
      String.raw`a_total{path="\"x\"\\\n",method="GET"} 3`,
      "a_total 1e3 1700000000000",
      "# a comment",
      'b_bucket{le="+Inf"} +Inf',
      "c NaN",
      "",
    ].join("\n");
    expect(parseExposition(text)).toEqual([
      { name: "a_total", labels: { path: '"x"\\\n', method: "GET" }, value: 3 },
      { name: "a_total", labels: {}, value: 1000 },
      { name: "b_bucket", labels: { le: "+Inf" }, value: Infinity },
      { name: "c", labels: {}, value: Number.NaN },
    ]);
    expect(parseExposition("")).toEqual([]);
  });

  test.for([
    ["a cut text", "a 1\nb 2"],
    ["no number", "a one\n"],
    ["no value", "a\n"],
    ["a label without quotes", "a{b=c} 1\n"],
    ["a label twice", 'a{b="c",b="d"} 1\n'],
    ["an unknown escape", 'a{b="\\x"} 1\n'],
    ["an open brace", 'a{b="c" 1\n'],
    ["the same series twice", 'a{b="c",d="e"} 1\na{d="e",b="c"} 2\n'],
    ["an unknown type", "# TYPE a number\n"],
    ["a family twice", "# TYPE a counter\n# TYPE a counter\n"],
    ["a page of HTML", "<html><body>502</body></html>\n"],
  ])("refuses %s", ([, text], { expect }) => {
    expect(() => parseExposition(text ?? "")).toThrow(expect.objectContaining({ name: "ExpositionError" }));
  });
});

describe("counters of one version", () => {
  const counters = (text: string, version = NEW) => readCounters(parseExposition(text), version);

  test("are told apart by method, route and status, and never mixed with another version's", ({ expect }) => {
    const text = exposition([
      { version: NEW, route: "GET /a", status: 200, ms: [4, 4, 30] },
      { version: NEW, route: "GET /a", status: 503, ms: [2_000] },
      { version: OLD, route: "GET /a", status: 200, ms: [4] },
    ]);
    const read = counters(text);
    expect([...read.keys()]).toEqual(["GET /a 200", "GET /a 503"]);
    expect(read.get("GET /a 200")).toMatchObject({ requests: 3, status: 200 });
    expect(counters(text, "unknown").size).toBe(0);
  });

  test("are subtracted: what was added, by what became of it", ({ expect }) => {
    const before = exposition([{ version: NEW, route: "POST /a", status: 201, ms: [4] }]);
    const after = exposition([
      { version: NEW, route: "POST /a", status: 201, ms: [4, 30, 1_500] },
      { version: NEW, route: "POST /a", status: 500, ms: [4] },
      { version: NEW, route: "POST /a", status: 400, ms: [4, 4] },
      { version: NEW, route: "POST /a", status: 429, ms: [4] },
    ]);
    const added = subtractCounters(counters(after), counters(before))?.get("POST /a");
    expect(added).toMatchObject({ requests: 6, failed: 1, refused: 2, heldUp: 1 });
    // Times of successes alone.
    expect(added?.buckets.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  test("that are lower than before, or gone, are no difference", ({ expect }) => {
    const many = exposition([{ version: NEW, route: "GET /a", status: 200, ms: [4, 4] }]);
    const few = exposition([{ version: NEW, route: "GET /a", status: 200, ms: [4] }]);
    expect(subtractCounters(counters(few), counters(many))).toBeNull();
    expect(subtractCounters(counters(""), counters(many))).toBeNull();
    expect(subtractCounters(counters(many), counters(many))?.size).toBe(0);
  });

  test.for([
    ["a histogram without its end", (text: string) => text.replaceAll(/^.*\+Inf.*\n/gm, "")],
    ["a histogram that falls", (text: string) => text.replace(/(le="0.01"\}) \d+/, "$1 0")],
    ["a request without a method", (text: string) => text.replaceAll(/method="GET",/g, "")],
    ["a count that is none", (text: string) => text.replace(/^(http_requests_total.*) \d+$/m, "$1 1.5")],
  ] as const)("refuse %s", ([, spoil], { expect }) => {
    const text = spoil(exposition([{ version: NEW, route: "GET /a", status: 200, ms: [4, 4] }]));
    expect(() => counters(text)).toThrow(expect.objectContaining({ name: "ExpositionError" }));
  });
});
