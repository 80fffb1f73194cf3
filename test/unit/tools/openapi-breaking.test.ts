import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { findBreakingChanges, isMajorRaised } from "../../../tools/openapi/breaking/index.ts";
import type { OpenapiDocument } from "../../../tools/openapi/document.ts";
import { findObstacle } from "../../../tools/openapi/release.ts";
import { ROOT, runScript } from "../../../tools/process/run-script.ts";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const string = { type: "string" };
const json = (schema: object) => ({ "application/json": { schema } });

/** One of everything that can be broken. */
const DOCUMENT = {
  info: { version: "1.2.0" },
  components: {
    securitySchemes: { key: { type: "apiKey", in: "header", name: "X-API-Key", description: "Yours." } },
    headers: { ETag: { required: true, schema: string } },
    schemas: {
      Thing: {
        type: "object",
        properties: {
          id: string,
          kind: { type: "string", enum: ["big", "small"] },
          name: { type: "string", minLength: 1, maxLength: 50, pattern: "^[a-z]+$" },
          count: { type: "integer", minimum: 1, maximum: 9 },
          tags: { type: "array", items: string, maxItems: 5 },
          parent: ref("Thing"),
          owner: { oneOf: [{ type: "string" }, { type: "integer" }] },
          extra: { allOf: [{ type: "string", maxLength: 9 }] },
        },
        required: ["id", "name"],
        additionalProperties: false,
      },
      NewThing: {
        type: "object",
        properties: {
          kind: { type: "string", enum: ["big", "small"] },
          name: { type: "string", minLength: 1, maxLength: 50, pattern: "^[a-z]+$" },
          note: { type: ["string", "null"] },
          owner: { oneOf: [{ type: "string" }, { type: "integer" }] },
          labels: { type: "object", additionalProperties: string },
        },
        required: ["name"],
      },
    },
  },
  paths: {
    "/things": {
      get: {
        operationId: "listThings",
        security: [{ key: ["read"] }],
        parameters: [{ name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 100 } }],
        responses: { 200: { headers: { ETag: { $ref: "#/components/headers/ETag" } }, content: json(ref("Thing")) } },
      },
      post: {
        operationId: "createThing",
        security: [],
        requestBody: { content: { ...json(ref("NewThing")), "text/plain": { schema: string } } },
        responses: { 201: { content: json(ref("Thing")) }, 409: {} },
      },
    },
    "/things/{id}": { delete: { operationId: "deleteThing", responses: { 204: {} } } },
  },
};

type Editable = typeof DOCUMENT;

const found = (edit: (document: Editable) => unknown): string[] => {
  // Through text, so that an edit of one part never reaches another that was made from the same constant.
  const changed = JSON.parse(JSON.stringify(DOCUMENT)) as Editable;
  edit(changed);
  return findBreakingChanges(DOCUMENT, changed).map(({ kind, place }) => `${kind} ${place}`);
};
const thing = ({ components }: Editable) => components.schemas.Thing;
const fresh = ({ components }: Editable) => components.schemas.NewThing;
const list = ({ paths }: Editable) => paths["/things"].get;
const create = ({ paths }: Editable) => paths["/things"].post;
const drop = (object: object, key: string) => Reflect.deleteProperty(object, key);
const set = (object: object, value: object) => Object.assign(object, value);

const IN_LIST = "GET /things 200 application/json";
const IN_CREATE = "POST /things request application/json";

describe("a breaking change is found:", () => {
  const BREAKING: readonly (readonly [string, (document: Editable) => unknown, string])[] = [
    ["a path is gone", ({ paths }) => drop(paths, "/things/{id}"), "path-removed /things/{id}"],
    ["an operation is gone", ({ paths }) => drop(paths["/things"], "get"), "operation-removed GET /things"],
    ["an operation has another id", (d) => set(list(d), { operationId: "all" }), "operation-renamed GET /things"],
    ["a status is gone", (d) => drop(create(d).responses, "409"), "response-removed POST /things 409"],
    [
      "a response's media type is gone",
      (d) => set(list(d).responses[200], { content: {} }),
      `media-type-removed ${IN_LIST}`,
    ],
    [
      "a request's media type is gone",
      (d) => drop(create(d).requestBody.content, "text/plain"),
      "media-type-removed POST /things request text/plain",
    ],
    ["a response's member is gone", (d) => drop(thing(d).properties, "kind"), `property-removed ${IN_LIST}/kind`],
    [
      "a response's member may be absent",
      (d) => set(thing(d), { required: ["id"] }),
      `property-optional ${IN_LIST}/name`,
    ],
    [
      "a response's member may be null",
      (d) => set(thing(d).properties.name, { type: ["string", "null"] }),
      `type-changed ${IN_LIST}/name`,
    ],
    [
      "a response's member has another type",
      (d) => set(thing(d).properties.id, { type: "integer" }),
      `type-changed ${IN_LIST}/id`,
    ],
    [
      "a response's number may have fractions",
      (d) => set(thing(d).properties.count, { type: "number" }),
      `type-changed ${IN_LIST}/count`,
    ],
    [
      "a response has a new value of an enum",
      (d) => thing(d).properties.kind.enum.push("tiny"),
      `enum-changed ${IN_LIST}/kind`,
    ],
    ["a response's enum is lifted", (d) => drop(thing(d).properties.kind, "enum"), `enum-changed ${IN_LIST}/kind`],
    [
      "a response's text may be longer",
      (d) => set(thing(d).properties.name, { maxLength: 60 }),
      `maxLength-changed ${IN_LIST}/name`,
    ],
    [
      "a response's number may be larger",
      (d) => drop(thing(d).properties.count, "maximum"),
      `maximum-changed ${IN_LIST}/count`,
    ],
    [
      "a response's pattern is another",
      (d) => set(thing(d).properties.name, { pattern: "." }),
      `pattern-changed ${IN_LIST}/name`,
    ],
    [
      "a response's items have another type",
      (d) => set(thing(d).properties.tags, { items: { type: "null" } }),
      `type-changed ${IN_LIST}/tags/*`,
    ],
    [
      "a response has another alternative",
      (d) => thing(d).properties.owner.oneOf.push({ type: "null" }),
      `alternatives-changed ${IN_LIST}/owner`,
    ],
    [
      "a response's condition is gone",
      (d) => set(thing(d).properties.extra, { allOf: [] }),
      `maxLength-changed ${IN_LIST}/extra`,
    ],
    [
      "a header is gone",
      (d) => set(list(d).responses[200], { headers: {} }),
      "header-removed GET /things 200 header ETag",
    ],
    [
      "a header may be absent",
      ({ components }) => set(components.headers.ETag, { required: false }),
      "header-optional GET /things 200 header ETag",
    ],
    [
      "a header has another schema",
      ({ components }) => set(components.headers.ETag, { schema: {} }),
      "type-changed GET /things 200 header ETag",
    ],
    ["a request's member is gone", (d) => drop(fresh(d).properties, "kind"), `property-removed ${IN_CREATE}/kind`],
    ["a request's member has to be sent", (d) => fresh(d).required.push("kind"), `property-required ${IN_CREATE}/kind`],
    [
      "a new member has to be sent",
      (d) => (set(fresh(d).properties, { age: string }), fresh(d).required.push("age")),
      `property-required ${IN_CREATE}/age`,
    ],
    [
      "a request's member may not be null",
      (d) => set(fresh(d).properties.note, { type: "string" }),
      `type-changed ${IN_CREATE}/note`,
    ],
    [
      "a request's value of an enum is gone",
      (d) => fresh(d).properties.kind.enum.pop(),
      `enum-changed ${IN_CREATE}/kind`,
    ],
    [
      "a request's text must be shorter",
      (d) => set(fresh(d).properties.name, { maxLength: 40 }),
      `maxLength-changed ${IN_CREATE}/name`,
    ],
    [
      "a request's text must be longer",
      (d) => set(fresh(d).properties.name, { minLength: 2 }),
      `minLength-changed ${IN_CREATE}/name`,
    ],
    [
      "a request's text gets a format",
      (d) => set(fresh(d).properties.name, { format: "uuid" }),
      `format-changed ${IN_CREATE}/name`,
    ],
    [
      "a request's pattern is another",
      (d) => set(fresh(d).properties.name, { pattern: "." }),
      `pattern-changed ${IN_CREATE}/name`,
    ],
    [
      "a request's alternative is gone",
      (d) => fresh(d).properties.owner.oneOf.pop(),
      `alternatives-changed ${IN_CREATE}/owner`,
    ],
    ["other members are refused", (d) => set(fresh(d), { additionalProperties: false }), `object-closed ${IN_CREATE}`],
    [
      "other members have another type",
      (d) => set(fresh(d).properties.labels, { additionalProperties: { type: "null" } }),
      `type-changed ${IN_CREATE}/labels/{name}`,
    ],
    ["a body is required", (d) => set(create(d).requestBody, { required: true }), "body-required POST /things request"],
    ["a parameter is gone", (d) => set(list(d), { parameters: [] }), "parameter-removed GET /things query limit"],
    [
      "a parameter is required",
      (d) => set(list(d).parameters[0] ?? {}, { required: true }),
      "parameter-required GET /things query limit",
    ],
    [
      "a new parameter is required",
      (d) => set(list(d), { parameters: [...list(d).parameters, { name: "X-Tenant", in: "header", required: true }] }),
      "parameter-required GET /things header X-Tenant",
    ],
    [
      "a parameter's minimum is higher",
      (d) => set(list(d).parameters[0]?.schema ?? {}, { minimum: 2 }),
      "minimum-changed GET /things query limit",
    ],
    [
      "an open operation asks for credentials",
      (d) => set(create(d), { security: [{ key: [] }] }),
      "security-raised POST /things",
    ],
    [
      "an operation without a rule of its own asks for credentials",
      (d) => set(d, { security: [{ key: [] }] }),
      "security-raised DELETE /things/{id}",
    ],
    ["a scope is added", (d) => set(list(d), { security: [{ key: ["read", "list"] }] }), "security-raised GET /things"],
    [
      "credentials travel in another header",
      ({ components }) => set(components.securitySchemes.key, { name: "Key" }),
      "security-scheme-changed security scheme key",
    ],
    [
      "a scheme is gone",
      ({ components }) => drop(components.securitySchemes, "key"),
      "security-scheme-changed security scheme key",
    ],
  ];

  test.for(BREAKING)("%s", ([, edit, finding], { expect }) => {
    expect(found(edit)).toContain(finding);
  });
});

describe("no breaking change is found:", () => {
  const HARMLESS: readonly (readonly [string, (document: Editable) => unknown])[] = [
    ["nothing changed", () => {}],
    ["a path and an operation are new", ({ paths }) => set(paths, { "/new": { get: { responses: { 200: {} } } } })],
    [
      "a status and a header are new",
      (d) => set(create(d).responses, { 400: { headers: { Age: { required: true } } } }),
    ],
    ["a response's member is new", (d) => (set(thing(d).properties, { age: string }), thing(d).required.push("age"))],
    ["a response's member is always there", (d) => thing(d).required.push("kind")],
    ["a response's text is shorter", (d) => set(thing(d).properties.name, { maxLength: 40, minLength: 2 })],
    ["a response's value of an enum is gone", (d) => thing(d).properties.kind.enum.pop()],
    ["a response's alternative is gone", (d) => thing(d).properties.owner.oneOf.pop()],
    ["a response's text has a pattern", (d) => set(thing(d).properties.id, { pattern: "^[a-z]+$" })],
    ["a request may be longer", (d) => set(fresh(d).properties.name, { maxLength: 60, minLength: 0 })],
    [
      "a request may hold more",
      (d) => (fresh(d).properties.kind.enum.push("tiny"), set(fresh(d).properties, { age: string })),
    ],
    ["a request may hold less", (d) => set(fresh(d), { required: [] })],
    ["a request may be null", (d) => set(fresh(d).properties.name, { type: ["string", "null"] })],
    [
      "a parameter is new",
      (d) => list(d).parameters.push({ name: "sort", in: "query", schema: { type: "x", minimum: 0, maximum: 0 } }),
    ],
    ["a scope is dropped", (d) => set(list(d), { security: [{ key: [] }] })],
    ["other credentials do as well", (d) => list(d).security.unshift({ key: ["write"] })],
    ["prose is different", ({ components }) => set(components.securitySchemes.key, { description: "Mine." })],
  ];

  test.for(HARMLESS)("%s", ([, edit], { expect }) => {
    expect(found(edit)).toEqual([]);
  });
});

test("a reference to nowhere is an error, not a pass", ({ expect }) => {
  expect(() => found((d) => drop(d.components.headers, "ETag"))).toThrow(
    "#/components/headers/ETag is not in the document",
  );
});

describe("the command", () => {
  const command = path.join(ROOT, "tools/openapi/check-breaking.ts");

  async function run(before: OpenapiDocument, after: OpenapiDocument) {
    const folder = mkdtempSync(path.join(tmpdir(), "breaking-"));
    try {
      const [released, current] = [path.join(folder, "released.json"), path.join(folder, "current.json")];
      writeFileSync(released, JSON.stringify(before));
      writeFileSync(current, JSON.stringify(after));
      const check = await runScript(command, ["--released", released, "--current", current]);
      return { ...check, obstacle: findObstacle(current, released) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const without = (version: string): OpenapiDocument => ({ ...DOCUMENT, info: { version }, paths: {} });

  test("passes an unchanged document, which may be released again", async ({ expect }) => {
    expect(await run(DOCUMENT, DOCUMENT)).toMatchObject({ exitCode: 0, obstacle: null });
  });

  test("fails on a breaking change and names it; a minor version is no excuse", async ({ expect }) => {
    const { exitCode, output, obstacle } = await run(DOCUMENT, without("1.3.0"));
    expect(exitCode).toBe(1);
    expect(output).toContain("path-removed: /things: the path is gone");
    expect(obstacle).toContain("path-removed");
  });

  test("passes a breaking change under a new major version, and still names it", async ({ expect }) => {
    const { exitCode, output, obstacle } = await run(DOCUMENT, without("2.0.0"));
    expect({ exitCode, obstacle }).toEqual({ exitCode: 0, obstacle: null });
    expect(output).toContain("path-removed");
  });

  test("lets a changed document be released under a new version only", async ({ expect }) => {
    const added = { ...DOCUMENT, paths: { ...DOCUMENT.paths, "/new": {} } };
    expect((await run(DOCUMENT, added)).obstacle).toMatch(/raise API_VERSION/);
    expect((await run(DOCUMENT, { ...added, info: { version: "1.3.0" } })).obstacle).toBeNull();
  });

  test("fails on a document that is not there, and on one without a version", async ({ expect }) => {
    expect(await runScript(command, ["--released", "nowhere.json"])).toMatchObject({ exitCode: 2 });
    expect(() => isMajorRaised(DOCUMENT, { info: { version: "2" } })).toThrow("not a semantic version: 2");
    expect(await runScript(command, ["--nonsense"])).toMatchObject({ exitCode: 2 });
  });

  test("explains itself", async ({ expect }) => {
    for (const name of ["check-breaking", "release"]) {
      const { exitCode, output } = await runScript(path.join(ROOT, `tools/openapi/${name}.ts`), ["--help"]);
      expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/^usage: /) });
    }
  });
});

test("the committed document, spoilt, is found to break the clients of itself", ({ expect }) => {
  const file = path.join(ROOT, "docs/openapi.json");
  const read = () => JSON.parse(readFileSync(file, "utf8")) as OpenapiDocument;
  const spoilt = read();
  expect(findBreakingChanges(read(), spoilt)).toEqual([]);
  const user = spoilt.components?.schemas?.["User"] ?? {};
  Object.assign(user, {
    properties: {
      ...("properties" in user && typeof user.properties === "object" ? user.properties : {}),
      email: { type: "integer" },
    },
  });
  const places = findBreakingChanges(read(), spoilt).map(({ place }) => place);
  expect(places).toContain("GET /api/v1/users 200 application/json/data/*/email");
});
