import { test } from "vitest";

import { SERVED_ASSETS } from "../support/http-fakes.ts";
import { readJson } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

test("the root names the service and links to paths that exist", async ({ expect }) => {
  const { request } = createTestApp({ assets: SERVED_ASSETS });
  const links = { documentation: "/docs", openapi: "/openapi.json", health: "/health", users: "/api/v1/users" };
  expect(await readJson(await request("/"))).toEqual({
    name: "users-api",
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    links,
  });
  for (const path of Object.values(links)) expect((await request(path)).status, path).toBe(200);
});
