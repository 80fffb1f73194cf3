import { describe, test } from "vitest";

import { createScreen, type ScreenOutput } from "../../../../tools/top/screen.ts";
import type { RequestRow, Summary } from "../../../../tools/top/summary.ts";
import { formatTable, shorten, wrap } from "../../../../tools/top/table.ts";
import { formatSeconds, formatShare, formatView } from "../../../../tools/top/view.ts";

const row = (name: string): RequestRow => ({
  name,
  perSecond: 12.34,
  p50: 0.0042,
  p95: 0.25,
  p99: 10,
  serverErrors: 0.0001,
  clientErrors: 0,
  rateLimited: 0.5,
});

const SUMMARY: Summary = {
  seconds: 3,
  counted: 12_345,
  total: row("all"),
  routes: [row("GET /api/v1/users/username/:username"), row("GET /\u001B[31m/evil")],
  versions: [row("5d1f3c1e-8f8e-4f6e-9a53-0d3b1f0a2c11")],
  statements: [{ name: "users.list", perSecond: 1, p50: 0.1, p95: null, p99: null }],
  breakers: { open: 1, halfOpen: 0 },
  events: { breakersOpened: 2, loadShed: 3, databaseErrors: 4, databaseRetries: 5, measurementsLost: 6 },
};
const view = (columns: number) => formatView(SUMMARY, { columns, time: "12:00:00", url: "http://localhost/metrics" });

function capture(size: Partial<ScreenOutput>) {
  let written = "";
  const output = { ...size, write: (text: string) => void (written += text) };
  return { screen: createScreen(output), take: () => [written, (written = "")][0] };
}

describe("tables and numbers", () => {
  test("names are shortened in their middle, numbers never", ({ expect }) => {
    const columns = [
      { title: "NAME", align: "left" },
      { title: "n", align: "right" },
    ] as const;
    const rows = [
      ["abcdefghijklmnop", "1234567"],
      ["b", "1"],
    ];
    expect(formatTable(columns, rows, 80)).toEqual([
      "NAME                    n",
      "abcdefghijklmnop  1234567",
      "b                       1",
    ]);
    expect(formatTable(columns, rows, 18)).toEqual(["NAME             n", "abcd…mnop  1234567", "b                1"]);
    expect(formatTable(columns, rows, 5)[1]).toBe("abc…mnop  1234567");
    expect(["abc", "ab", "…", ""]).toEqual(
      [3, 2, 1, 0].map((width) => shorten(width > 1 ? "abc".slice(0, width) : "abc", width)),
    );
  });

  test("parts come beside each other as far as they fit", ({ expect }) => {
    expect(wrap(["aa", "bb", "cc"], "  ", 6)).toEqual(["aa  bb", "cc"]);
    expect(wrap(["abcdefgh", "b"], " ", 5)).toEqual(["ab…gh", "b"]);
  });

  test("read as what they are, at every size", ({ expect }) => {
    expect([0, 0.0001, 0.0005, 0.123, 1].map(formatShare)).toEqual(["0 %", "<0.1 %", "0.1 %", "12.3 %", "100.0 %"]);
    const seconds = [null, 0.0042, 0.0421, 0.999, 1.23, 10];
    expect(seconds.map(formatSeconds)).toEqual(["-", "4.2 ms", "42 ms", "999 ms", "1.2 s", ">10 s"]);
  });
});

describe("the view", () => {
  test("tells routes, versions and statements, and nothing that a terminal would obey", ({ expect }) => {
    const text = view(120).join("\n");
    for (const part of ["12,345 requests", "429: 50.0 %", "1 open", "4 errors, 5 retries, 3 shed", "lost: 6"])
      expect(text).toContain(part);
    expect(text).toMatch(
      /^GET \/api\/v1\/users\/username\/:username +12\.3 +<0\.1 % +0 % +50\.0 % +4\.2 ms +250 ms +>10 s$/m,
    );
    expect(text).toMatch(/^GET \/\?\[31m\/evil /m);
    expect(text).toMatch(/^all /m);
    expect(text).not.toContain("\u001B");
  });

  test.for([60, 80, 120, 200])("fits %d columns", (columns, { expect }) => {
    expect(Math.max(...view(columns).map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test("says so when there were no requests", ({ expect }) => {
    const quiet = { ...SUMMARY, routes: [], versions: [], statements: [] };
    const lines = formatView(quiet, { columns: 80, time: "", url: "" });
    expect(lines.at(-1)).toBe("No requests in these 3.0 s.");
  });
});

describe("the screen", () => {
  test("of a terminal is drawn in place, and given back with the last view on it", ({ expect }) => {
    const { screen, take } = capture({ isTTY: true, columns: 20, rows: 3 });
    screen.show(["one"]);
    expect(take()).toBe("\u001B[?1049h\u001B[?25l\u001B[Hone\u001B[K\u001B[J");
    screen.show(["1", "2", "3", "4"]);
    expect(take()).toBe("\u001B[H1\u001B[K\n2\u001B[K\n… 2 more lines\u001B[K\u001B[J");
    screen.close();
    expect(take()).toBe("\u001B[?25h\u001B[?1049l1\n2\n3\n4\n");
    screen.close();
    expect(take()).toBe("");
  });

  test("of anything else is one view after the other", ({ expect }) => {
    const { screen, take } = capture({});
    screen.show(["one", "two"]);
    screen.show(["three"]);
    screen.close();
    expect(take()).toBe("one\ntwo\n\nthree\n");
  });
});
