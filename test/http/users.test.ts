import { test } from "vitest";

import { createTestApp } from "../support/test-app.ts";

test("a created user can be read", async ({ expect }) => {
  const { request } = createTestApp();
  const created = await request("/api/v1/users", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "JDoe", email: "JDoe@Example.com", full_name: " John Doe " }),
  });
  expect(created.status).toBe(201);
  const user = await created.json();
  expect(user).toMatchObject({ username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" });
  const read = await request(created.headers.get("Location") ?? "");
  expect(await read.json()).toEqual(user);
});
