import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { describe, test } from "vitest";

import type { AppContext, AppEnv, Guard } from "../../src/http/context.ts";
import { deprecate } from "../../src/http/deprecation.ts";
import { createMethodFallback } from "../../src/http/method-fallback.ts";
import { emptyResponse } from "../../src/http/openapi.ts";
import { addOperation } from "../../src/http/operation.ts";
import { handleError, problemResponse } from "../../src/http/problem.ts";
import { NO_CONTENT, respond } from "../../src/http/respond.ts";
import { KNOWN_PATHS } from "../support/http-contract.ts";
import { SERVED_ASSETS } from "../support/http-fakes.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp } from "../support/test-app.ts";
import { createTestScope } from "../support/test-scope.ts";

const END = {
  since: new Date("2026-06-30T23:59:59.999Z"),
  sunset: new Date("2027-01-31T12:00:00.000Z"),
  guide: "/docs/migration",
};

const described = (path: string) => ({
  method: "get" as const,
  path,
  operationId: `get ${path}`,
  summary: "A route of the test",
  description: "Exists in this test only.",
  request: { query: z.strictObject({ limit: z.string().optional() }) },
  responses: { 204: emptyResponse("Done.") },
});

/** An app with operations that are on their way out, one that stays, and one that refuses. */
function createApp() {
  const app = new OpenAPIHono<AppEnv>();
  app.onError(handleError);
  const ran: string[] = [];
  const guard: Guard = () => {
    ran.push("guard");
    return null;
  };
  const done = (c: AppContext) => respond(c, 204, null, NO_CONTENT);
  const next = (c: AppContext) => respond(c, 204, null, NO_CONTENT, [["Link", '</old/list?cursor=a>; rel="next"']]);
  addOperation(app, createRoute(deprecate(described("/old"), END)), done);
  addOperation(app, createRoute(deprecate(described("/old/list"), END)), next, [guard, guard]);
  addOperation(app, createRoute(deprecate(described("/old/guarded"), END)), done, [guard]);
  addOperation(app, createRoute(deprecate(described("/old/closed"), END)), done, [
    (c) => problemResponse(c, "missing-credentials"),
  ]);
  addOperation(app, createRoute(described("/new")), done);
  app.notFound(createMethodFallback(app));
  return {
    ran,
    app,
    request: async (path: string, init?: RequestInit) => {
      const request = new Request(`https://users.test${path}`, init);
      return await app.fetch(request, createTestScope(request));
    },
  };
}

const GUIDE_LINK = '</docs/migration>; rel="deprecation"; type="text/html"';

describe("a deprecated route", () => {
  test.for(["/old", "/old/list", "/old/guarded", "/old/closed", "/old?limit=1&limit=2"])(
    "announces its end on each of its answers: %s",
    async (path, { expect }) => {
      for (const method of ["GET", "HEAD"]) {
        const { headers } = await createApp().request(path, { method });
        expect(headers.get("Deprecation")).toBe("@1782863999");
        expect(headers.get("Sunset")).toBe("Sun, 31 Jan 2027 12:00:00 GMT");
        expect(headers.get("Link")).toContain(GUIDE_LINK);
      }
    },
  );

  test("links to its guide besides where else it links to, answer by answer", async ({ expect }) => {
    const { request } = createApp();
    for (let answer = 0; answer < 2; answer++) {
      const { headers } = await request("/old/list");
      expect(headers.get("Link")).toBe(`${GUIDE_LINK}, </old/list?cursor=a>; rel="next"`);
      expect((await request("/old")).headers.get("Link")).toBe(GUIDE_LINK);
    }
  });

  test("works as before: guards run, each once, and refuse", async ({ expect }) => {
    const { request, ran } = createApp();
    expect((await request("/old")).status).toBe(204);
    expect((await request("/old/closed")).status).toBe(401);
    expect((await request("/old?limit=1&limit=2")).status).toBe(400);
    expect(ran).toEqual([]);
    expect((await request("/old/list")).status).toBe(204);
    expect((await request("/old/guarded")).status).toBe(204);
    expect(ran).toEqual(["guard", "guard", "guard"]);
  });

  test("is said to be deprecated by the description, with its days and its guide", async ({ expect }) => {
    const { paths = {} } = createApp().app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
    });
    for (const path of ["/old", "/old/list", "/old/guarded", "/old/closed"]) {
      expect(paths[path]?.get, path).toMatchObject({
        deprecated: true,
        operationId: `get ${path}`,
        description:
          "Exists in this test only. Deprecated since 2026-06-30, gone after 2027-01-31: see /docs/migration.",
      });
    }
    expect(paths["/new"]?.get).toMatchObject({ description: "Exists in this test only." });
    expect(paths["/new"]?.get).not.toHaveProperty("deprecated");
  });

  test("leaves the route that it was made from as it is", async ({ expect }) => {
    const route = described("/other");
    const copy = { ...route };
    expect(deprecate(route, END)).toMatchObject({ method: "get", path: "/other", summary: route.summary });
    expect(route).toEqual(copy);
  });
});

const ANNOUNCEMENTS = ["Deprecation", "Sunset"];

describe("a route that stays announces nothing", () => {
  test("next to one that goes", async ({ expect }) => {
    const { request } = createApp();
    for (const [path, init] of [
      ["/new", {}],
      ["/nowhere", {}],
      ["/old", { method: "PUT" }],
      ["/old", { method: "OPTIONS" }],
    ] as const) {
      const { headers } = await request(path, init);
      expect([...ANNOUNCEMENTS, "Link"].filter((name) => headers.has(name))).toEqual([]);
    }
  });

  test.for(KNOWN_PATHS)("$path", async ({ path }, { expect }) => {
    const { headers } = await createTestApp({ assets: SERVED_ASSETS }).request(path);
    expect(ANNOUNCEMENTS.filter((name) => headers.has(name))).toEqual([]);
    expect(headers.get("Link") ?? "").not.toContain("deprecation");
  });

  test.for(SCENARIOS)("the response $name", async (scenario, { expect }) => {
    const { headers } = await createTestApp(scenario.options()).request(scenario.path, requestOf(scenario));
    expect(ANNOUNCEMENTS.filter((name) => headers.has(name))).toEqual([]);
  });
});
