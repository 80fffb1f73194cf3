import { readFileSync } from "node:fs";

import { describe, test } from "vitest";

import { type OpenapiDocument, operationsOf } from "../../../../tools/assets/reference/render/document.ts";
import { renderReference } from "../../../../tools/assets/reference/render/page.ts";
import { OPENAPI_FILE } from "../../../../tools/openapi/generate.ts";

const TEXT = readFileSync(OPENAPI_FILE, "utf8");
const DOCUMENT = JSON.parse(TEXT) as OpenapiDocument;

const attributes = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => value);

describe("the reference page", () => {
  const page = renderReference(TEXT);

  test("holds every operation, parameter, status, schema and header of the document", ({ expect }) => {
    const ids = new Set(attributes(page, "id"));
    const operations = operationsOf(DOCUMENT);
    expect(operations.length).toBeGreaterThan(10);
    const parameters = operations.flatMap(({ operationId, parameters: own = [] }) =>
      own.flatMap((each) => ("name" in each ? [`${operationId}-${each.in}-${each.name}`] : [])),
    );
    const { schemas = {}, headers = {} } = DOCUMENT.components ?? {};
    const expected = [
      ...operations.map(({ operationId }) => operationId),
      ...parameters,
      ...Object.keys(schemas).map((name) => `schema-${name}`),
      ...Object.keys(headers).map((name) => `header-${name}`),
    ];
    expect(expected.filter((id) => !ids.has(id))).toEqual([]);
    const statuses = operations.flatMap(({ responses }) => Object.keys(responses));
    expect(page.match(/<details class="response">/g)).toHaveLength(statuses.length);
  });

  test("has no id twice, and leads nowhere that is not there", ({ expect }) => {
    const ids = attributes(page, "id");
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const places = attributes(page, "href")
      .filter((address) => address.startsWith("#"))
      .map((to) => to.slice(1));
    const named = ["for", "aria-describedby", "aria-labelledby", "data-copies"].flatMap((name) =>
      attributes(page, name),
    );
    expect(places.length).toBeGreaterThan(100);
    expect([...places, ...named].filter((id) => !ids.includes(id))).toEqual([]);
  });

  test("starts with the operations and has the contract's prose behind them, under its own headings", ({ expect }) => {
    const main = page.slice(page.indexOf("<main"));
    const order = ['id="listUsers"', 'id="contract-authentication"', 'id="schema-User"'].map((id) => main.indexOf(id));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("shows no text of the document as markup, wherever it stands", ({ expect }) => {
    const plant = `<img src=x onerror="alert(1)">'"&`;
    const spoil = (value: unknown): unknown => {
      if (typeof value === "string") return value.startsWith("#/") ? value : value + plant;
      if (Array.isArray(value)) return value.map(spoil);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, spoil(member)]));
    };
    // What the renderer reads as a word of the specification stays.
    const { paths, info, tags, components } = DOCUMENT;
    const words = /"(in|\$ref|type|scheme)":"([^"<]*)<img[^}\]]*?'\\"&"/g;
    const spoilt = JSON.stringify(spoil({ paths, info, tags, components })).replaceAll(words, '"$1":"$2"');
    const result = renderReference(spoilt);
    expect(result.split("&lt;img src=x onerror=").length).toBeGreaterThan(1000);
    expect(result).not.toContain("<img");
    expect(result).not.toMatch(/ onerror="/);
  });

  test("is the same for the same document", ({ expect }) => {
    expect(renderReference(TEXT)).toBe(page);
  });

  test("shows a second resource without an edit", ({ expect }) => {
    const path = { get: { operationId: "listTeams", summary: "List teams", tags: ["Teams"], responses: {} } };
    const grown = renderReference(JSON.stringify({ ...DOCUMENT, paths: { ...DOCUMENT.paths, "/api/v1/teams": path } }));
    expect(grown).toContain('<a href="#listTeams">');
    expect(grown).toContain('<article id="listTeams"');
    expect(grown).toContain("<h2>Teams</h2>");
  });
});

describe("a document that the page cannot show", () => {
  const parameter = { name: "session", in: "cookie" };
  const get = { operationId: "getIt", responses: {} };

  test.for([
    ["members of a path beside its methods", { paths: { "/x": { parameters: [] } } }, /"parameters" of \/x/],
    [
      "a reference that leads nowhere",
      { paths: { "/x": { get: { ...get, requestBody: { $ref: "#/components/x" } } } } },
      /#\/components\/x/,
    ],
    ["a cookie", { paths: { "/x": { get: { ...get, parameters: [parameter] } } } }, /cookie "session" of getIt/],
    ["credentials of another kind", { components: { securitySchemes: { id: { type: "openIdConnect" } } } }, /"id"/],
  ] as const)("%s: the build says so", ([, part, message], { expect }) => {
    const document = { info: { title: "T", version: "1" }, paths: {}, ...part };
    expect(() => renderReference(JSON.stringify(document))).toThrow(message);
  });
});
