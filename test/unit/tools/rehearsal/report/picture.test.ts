import { describe, test } from "vitest";

import { createProgress } from "../../../../../tools/command/progress.ts";
import { placeLabels } from "../../../../../tools/rehearsal/report/labels.ts";
import { describeLoad } from "../../../../../tools/rehearsal/report/status.ts";
import { drawTimeline, type Picture } from "../../../../../tools/rehearsal/report/svg.ts";
import { toSeconds } from "../../../../../tools/rehearsal/report/timeline.ts";

const record = (at: number, version: string | null, problem: string | null = null) => ({
  at,
  ms: 10,
  status: version === null ? null : 200,
  isLate: false,
  version,
  problem,
  operation: "list",
  affinityKey: null,
  injectedFault: version === "bad" ? "error" : null,
});

describe("the timeline", () => {
  test("counts by the second of sending and by version", ({ expect }) => {
    const lost = record(1_500, null, "ECONNRESET");
    const records = [record(1_000, "old"), record(1_999, "bad"), lost, record(2_000, "old"), record(9_000, "old")];
    const seconds = toSeconds(records, new Set([lost]), 1_000, 3_000);
    expect(seconds).toEqual([
      {
        byVersion: new Map([
          ["old", 1],
          ["bad", 1],
        ]),
        failures: 1,
        injected: 1,
      },
      { byVersion: new Map([["old", 1]]), failures: 0, injected: 0 },
    ]);
  });
});

describe("the picture", () => {
  const picture: Picture = {
    title: "Requests <per second> & version",
    seconds: [
      { byVersion: new Map([["old", 100]]), failures: 0, injected: 0 },
      {
        byVersion: new Map([
          ["old", 60],
          ["bad", 40],
        ]),
        failures: 2,
        injected: 7,
      },
    ],
    versions: [
      { id: "old", label: "parent", isFaulty: false },
      { id: "bad", label: "errors", isFaulty: true },
    ],
    bands: [{ from: 0, to: 2, label: "fails 5 % of requests" }],
    shortages: [{ from: 0.5, to: 1.5 }],
    marks: [
      { at: 1, label: "10 %", kind: "step" },
      { at: 2, label: "rollback", kind: "rollback" },
    ],
  };
  const svg = drawTimeline(picture);

  test("has an area for each version, marks, labels and a legend", ({ expect }) => {
    expect(svg.match(/<polygon /g)).toHaveLength(2);
    for (const text of [">parent<", ">errors<", ">10 %<", ">rollback<", ">fails 5 % of requests<"]) {
      expect(svg).toContain(text);
    }
  });

  test("marks lost requests and injected faults in their second only", ({ expect }) => {
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg).toContain("<title>2 lost at 1 s</title>");
    expect(svg).toContain("<title>7 injected at 1 s</title>");
  });

  test("has a bar for each time without room", ({ expect }) => {
    expect(svg.match(/<rect class="short" /g)).toHaveLength(1);
  });

  test("escapes texts, knows dark pages and is made of numbers", ({ expect }) => {
    expect(svg).toContain("Requests &lt;per second&gt; &amp; version");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("stacks the versions: the upper one begins where the lower one ends", ({ expect }) => {
    const [lower = "", upper = ""] = [...svg.matchAll(/points="([^"]+)"/g)].map((match) => match[1]);
    expect(upper.split(" ").slice(2).toReversed()).toEqual(lower.split(" ").slice(0, 2));
  });

  test("can be drawn of nothing", ({ expect }) => {
    expect(drawTimeline({ ...picture, seconds: [], versions: [], bands: [], shortages: [], marks: [] })).not.toMatch(
      /NaN|Infinity/,
    );
  });
});

describe("labels", () => {
  test("go to the next row where they would cover each other, and stay in the picture", ({ expect }) => {
    const placed = placeLabels(
      [
        { x: 0, label: "aaaaaaaaaa" },
        { x: 10, label: "b" },
        { x: 200, label: "c" },
        { x: 299, label: "dddddddddd" },
      ],
      300,
    );
    expect(placed.map(({ row }) => row)).toEqual([0, 1, 0, 0]);
    expect(placed.at(-1)?.x).toBe(234);
  });
});

describe("the progress", () => {
  const run = (isTerminal: boolean): string => {
    let now = 0;
    let text = "";
    const progress = createProgress({ write: (part) => (text += part), isTerminal, columns: 40, clock: () => now });
    progress.line("first");
    for (now = 1_000; now <= 11_000; now += 5_000) progress.status(`at ${now}`);
    progress.line("last");
    progress.end();
    return text;
  };

  test("is plain lines without a terminal, a status now and then", ({ expect }) => {
    expect(run(false)).toBe("[   0.0 s] first\n[  11.0 s] at 11000\n[  16.0 s] last\n");
  });

  test("renews the status in place on a terminal, and takes it away at the end", ({ expect }) => {
    const text = run(true);
    expect(text).toContain("[   6.0 s] at 6000\r\u001B[2K[  11.0 s] at 11000\r\u001B[2K[  16.0 s] last\n");
    expect(text.endsWith("\r\u001B[2K")).toBe(true);
  });

  test("tells where the load stands", ({ expect }) => {
    const records = [record(1_000, "older-version"), record(9_000, "bad", "status 500"), record(9_500, "old")];
    expect(describeLoad(records, 10_000)).toBe("3 requests, 1 wrong, 1 injected; bad 50 %, old 50 %");
  });
});
