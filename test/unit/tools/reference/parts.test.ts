import { describe, test } from "vitest";

import type { Schema } from "../../../../tools/assets/reference/render/document.ts";
import { html } from "../../../../tools/assets/reference/render/html.ts";
import { renderInline, renderMarkdown, splitSections } from "../../../../tools/assets/reference/render/markdown.ts";
import { describeLimits, describeType, renderFields } from "../../../../tools/assets/reference/render/schema.ts";

const flat = (markup: string): string => markup.replaceAll(/\s*\n\s*/g, "");
const textOf = (markup: string): string => flat(markup).replaceAll(/<[^>]*>/g, "");

describe("markup", () => {
  test("escapes values in texts and attributes, and keeps what is markup already", ({ expect }) => {
    const inner = html`<b>${"<i>"}</b>`;
    expect(html`<a title="${`"'&<>`}">${inner}${[inner, 1, null]}</a>`.markup).toBe(
      '<a title="&quot;&#39;&amp;&lt;&gt;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>1</a>',
    );
  });
});

describe("descriptions", () => {
  const render = (text: string): string => flat(html`${renderMarkdown(text)}`.markup);

  test("are split at headings of the second level", ({ expect }) => {
    expect(splitSections("Intro.\n\n## One\nFirst.\n## Two\n- a\n")).toEqual({
      introduction: "Intro.",
      sections: [
        { title: "One", text: "First." },
        { title: "Two", text: "- a" },
      ],
    });
  });

  test("become paragraphs and lists, lines that go on joined", ({ expect }) => {
    expect(render("One\ntwo.\n\nThree:\n- a\n  b\n- c\n\nFour.")).toBe(
      "<p>One two.</p><p>Three:</p><ul><li>a b</li><li>c</li></ul><p>Four.</p>",
    );
    expect(render("")).toBe("");
  });

  test("may hold code, strong text and links; everything else stays text", ({ expect }) => {
    const render = (text: string): string => html`${renderInline(text)}`.markup;
    expect(render("a `<b>` **c** [d](/e) f")).toBe('a <code>&lt;b&gt;</code> <strong>c</strong> <a href="/e">d</a> f');
    expect(render("[x](javascript:alert(1)) [y](http://elsewhere.example)")).not.toContain("<a");
    expect(render('[x](/"onclick="alert(1))')).not.toContain('"onclick');
  });
});

describe("schemas", () => {
  const typeOf = (schema: Schema): string => textOf(html`${describeType(schema)}`.markup);
  const limitsOf = (schema: Schema): string => textOf(html`${describeLimits(schema)}`.markup);

  test("have their type in words", ({ expect }) => {
    expect(typeOf({ type: "string", format: "email" })).toBe("string (email)");
    expect(typeOf({ type: ["string", "null"] })).toBe("string or null");
    expect(typeOf({ type: "array", items: { type: "integer" } })).toBe("array of integer");
    expect(typeOf({ oneOf: [{ type: "string" }, { type: "null" }] })).toBe("string or null");
    expect(html`${describeType({ $ref: "#/components/schemas/User" })}`.markup).toBe('<a href="#schema-User">User</a>');
  });

  test("have their limits in words", ({ expect }) => {
    expect(limitsOf({ minLength: 1, maxLength: 5, pattern: "^a<" })).toBe("1 to 5 characters; matches ^a&lt;");
    expect(limitsOf({ minimum: 0 })).toBe("at least 0");
    expect(limitsOf({ maxItems: 3 })).toBe("at most 3 items");
    expect(limitsOf({ enum: ["a", null], default: "a" })).toBe("one of a, null; default a");
    expect(limitsOf({ const: false })).toBe("always false");
    expect(limitsOf({})).toBe("");
  });

  test("show their fields, and those of objects and items within", ({ expect }) => {
    const schema: Schema = {
      type: "object",
      required: ["list"],
      properties: {
        list: { type: "array", items: { type: "object", properties: { inner: { type: "string" } } } },
        map: { type: "object", additionalProperties: { type: "string", enum: ["x"] } },
      },
    };
    const text = textOf(html`${renderFields(schema)}`.markup);
    expect(text).toContain("list array of object, required");
    expect(text).toContain("inner string, optional");
    expect(text).toContain("map object, optional");
    expect(text).toContain("any name string, optionalalways x");
  });
});
