import { describe, test } from "vitest";

import { fromPs, fromStat, processorMs } from "../../../bench/cold-start/processor-time.ts";
import { toColdStartReport, toColdStartText } from "../../../bench/cold-start/report.ts";
import { sharesOf } from "../../../bench/cold-start/shares.ts";
import { selfTimes } from "../../../bench/profile/cpu-profile.ts";
import { allocations } from "../../../bench/profile/heap-profile.ts";
import { rank } from "../../../bench/profile/ranking.ts";
import { formatProfile } from "../../../bench/profile/report.ts";
import { createSourceFinder, groupOf } from "../../../bench/profile/sources.ts";
import { MACHINE } from "./machine.ts";

const BUNDLE = `var before;
// src/index.ts
export default {};
// node_modules/hono/dist/hono.js
var Hono = class {};
  // src/not/at/the/start.ts
// ../node_modules/@scope/name/index.mjs
var other;`;

const findSource = createSourceFinder(BUNDLE);
const frame = (functionName: string, lineNumber: number, url = "index.js") => ({ functionName, lineNumber, url });

describe("sources of a bundle", () => {
  test("a line belongs to the comment before it", ({ expect }) => {
    expect([0, 2, 4, 5, 7].map(findSource)).toEqual([
      null,
      "src/index.ts",
      "node_modules/hono/dist/hono.js",
      "node_modules/hono/dist/hono.js",
      "../node_modules/@scope/name/index.mjs",
    ]);
  });

  test("files are grouped by package or folder", ({ expect }) => {
    const files = [
      "node_modules/hono/dist/hono.js",
      "../node_modules/@scope/name/index.mjs",
      "node_modules/a/node_modules/b/c.js",
      "src/index.ts",
      "src/http/users/index.ts",
      "migrations/meta/_journal.json",
    ];
    expect(files.map(groupOf)).toEqual([
      "hono",
      "@scope/name",
      "b",
      "src",
      "src/http",
      "migrations/meta/_journal.json",
    ]);
  });
});

describe("profiles", () => {
  const nodes = [
    { id: 1, callFrame: frame("(root)", -1, "") },
    { id: 2, callFrame: frame("(idle)", -1, "") },
    { id: 3, callFrame: frame("dispatch", 4) },
    { id: 4, callFrame: frame("", 2) },
    { id: 5, callFrame: frame("(garbage collector)", -1, "") },
    { id: 6, callFrame: frame("fetch", -1, "") },
  ];

  test("self time by function, without waiting", ({ expect }) => {
    const spent = selfTimes({ nodes, samples: [3, 2, 3, 4, 5, 6], timeDeltas: [10, 500, 20, 5, 7, 3] }, findSource);
    expect(rank(spent)).toEqual([
      { name: "dispatch  hono/dist/hono.js:5", amount: 30 },
      { name: "(garbage collector)", amount: 7 },
      { name: "(anonymous)  src/index.ts:3", amount: 5 },
      { name: "fetch  (runtime)", amount: 3 },
    ]);
    expect(spent.map(({ group }) => group)).toEqual(["hono", "src", "(garbage collector)", "(runtime)"]);
  });

  test("allocated bytes, from the whole tree", ({ expect }) => {
    const leaf = { callFrame: frame("dispatch", 4), selfSize: 64, children: [] };
    const middle = { callFrame: frame("(V8 API)", -1, ""), selfSize: 16, children: [leaf] };
    const head = { callFrame: frame("(root)", -1, ""), selfSize: 0, children: [middle, leaf] };
    expect(rank(allocations({ head }, findSource))).toEqual([
      { name: "dispatch  hono/dist/hono.js:5", amount: 128 },
      { name: "(V8 API)", amount: 16 },
    ]);
  });

  test("tables say shares and amounts per request", ({ expect }) => {
    const spent = [
      { name: "a", group: "hono", amount: 30 },
      { name: "b", group: "hono", amount: 50 },
      { name: "c", group: "zod", amount: 20 },
    ];
    const lines = formatProfile({ title: "CPU", spent, requests: 10, unit: "µs" });
    expect(lines[1]).toBe("CPU: 10.0 µs per request, 10 requests");
    expect(lines.join("\n")).toMatch(/hono +80\.0 % +8\.0\nzod +20\.0 % +2\.0/);
  });
});

describe("the size of a bundle", () => {
  const metadata = {
    outputs: {
      "index.js": {
        inputs: {
          "node_modules/zod/a.js": { bytesInOutput: 600 },
          "node_modules/zod/b.js": { bytesInOutput: 150 },
          "src/http/c.ts": { bytesInOutput: 250 },
          "node_modules/gone/d.js": { bytesInOutput: 0 },
        },
      },
      "index.js.map": { inputs: {} },
    },
  };
  const times = { api_ms: 90, empty_ms: 30, ratio: 3, raw: { api: [90], empty: [30] } };
  const coldStart = {
    size: { rawBytes: 1_024, gzipBytes: 512 },
    shares: sharesOf(metadata),
    startupCpu: { ...times, empty_ms: 0, ratio: null },
    firstAnswer: times,
    firstAnswerCpu: { ...times, api_ms: 120, ratio: 4 },
  };

  test("by package and folder, the largest first", ({ expect }) => {
    expect(coldStart.shares).toEqual([
      { name: "zod", bytes: 750, share: 0.75 },
      { name: "src/http", bytes: 250, share: 0.25 },
    ]);
  });

  test("is told with the times of starting", ({ expect }) => {
    const text = toColdStartText(coldStart).join("\n");
    expect(text).toMatch(/zod +0\.7 +75\.0 %/);
    expect(text).toContain("first answer  90.0 ms, an empty Worker 30.0 ms, ratio 3.00");
    expect(text).toContain("its CPU       120.0 ms, an empty Worker 30.0 ms, ratio 4.00");
    expect(text).toContain("start-up CPU  90.0 ms, an empty Worker 0.0 ms, ratio unknown");
    const machine = { ...MACHINE, postgresql: null, load_tool: null };
    const { svg, markdown } = toColdStartReport(machine, coldStart);
    expect(markdown).toContain("| zod | 0.7 | 75.0 % |");
    expect(svg).not.toMatch(/NaN|Infinity|undefined|PostgreSQL/);
  });
});

describe("processor time", () => {
  test("is read from what the system says of a process", ({ expect }) => {
    expect(fromStat("7 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 12 3 99 99 20 0")).toBe(150);
    expect(fromPs("  1:02:03.45\n")).toBe(3_723_450);
    expect(processorMs(process.pid)).toBeGreaterThan(0);
  });
});
