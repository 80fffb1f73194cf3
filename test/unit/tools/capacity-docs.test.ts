import { describe, test } from "vitest";

import {
  readScalingPage,
  renderScalingPage,
  ScalingPageError,
} from "../../../tools/capacity/documents/scaling-page.ts";
import { renderTables } from "../../../tools/capacity/documents/tables.ts";
import { ASSUMED, type Input, LOOKED_UP_ON, PUBLISHED } from "../../../tools/capacity/inputs.ts";
import { MEASURED } from "../../../tools/capacity/measured.ts";

const PAGE = "before\n<!-- capacity:one -->\nold\n<!-- /capacity -->\nafter\n";

describe("docs/scaling.md", () => {
  test("has the tables that the model gives (npm run capacity -- --write-docs)", ({ expect }) => {
    const page = readScalingPage();
    expect(page).toBe(renderScalingPage(page, renderTables()));
  });

  test("names the date on which its sources were looked up", ({ expect }) => {
    const date = new Date(`${LOOKED_UP_ON}T00:00:00Z`);
    const words = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(date);
    expect(readScalingPage()).toContain(words);
  });
});

describe("writing tables into a page", () => {
  test("changes what is in the blocks and nothing else", ({ expect }) => {
    const text = renderScalingPage(PAGE, { one: "new\ntable" });
    expect(text).toBe("before\n<!-- capacity:one -->\nnew\ntable\n<!-- /capacity -->\nafter\n");
    expect(renderScalingPage(text, { one: "new\ntable" })).toBe(text);
  });

  test("fills an empty block, and takes dollars as they are", ({ expect }) => {
    const text = renderScalingPage("<!-- capacity:one -->\n<!-- /capacity -->", { one: "$1 $& $$" });
    expect(text).toBe("<!-- capacity:one -->\n$1 $& $$\n<!-- /capacity -->");
  });

  test("refuses a block that the model does not know, and a table without a block", ({ expect }) => {
    expect(() => renderScalingPage(PAGE, {})).toThrow(ScalingPageError);
    expect(() => renderScalingPage(PAGE, { one: "", two: "" })).toThrow("leaves out the tables two");
  });
});

describe("inputs", () => {
  test("all have a unit, a meaning of their own, a source and a date", ({ expect }) => {
    const inputs: readonly Input[] = [...Object.values(PUBLISHED), ...Object.values(ASSUMED)];
    for (const { value, unit, meaning, source, dated } of inputs) {
      expect(value, meaning).toBeGreaterThan(0);
      expect(
        [unit, meaning, source, dated].every((text) => text.length > 0),
        meaning,
      ).toBe(true);
    }
    const meanings = [...inputs, ...Object.values(MEASURED)].map(({ meaning }) => meaning);
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  test("that are measured say how and on what machine", ({ expect }) => {
    for (const { value, method, machine, meaning } of Object.values(MEASURED)) {
      expect(value, meaning).toBeGreaterThan(0);
      expect(method.length * machine.length, meaning).toBeGreaterThan(0);
    }
  });
});
