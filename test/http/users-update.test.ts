import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, readUser, send, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser({ username: "ada1815", email: "ada@example.com" });
const other = buildUser({ username: "grace", email: "grace@example.com" });
const path = `${USERS}/id/${user.id}`;
const openApp = () =>
  createRecordedApp({
    users: createFakeUserRepository([user, other]),
    now: () => new Date("2026-06-01T00:00:00.000Z"),
  });

const BEFORE = {
  id: user.id,
  username: "ada1815",
  email: "ada@example.com",
  full_name: "Ada Lovelace",
  created_at: "2026-03-01T12:00:00.123Z",
  updated_at: "2026-03-01T12:00:00.123Z",
};

describe("changing a user", () => {
  test.for([
    ["username", { username: "Countess" }, { username: "countess" }],
    ["email", { email: "Countess@Example.com" }, { email: "countess@example.com" }],
    ["full name", { full_name: " Ada King " }, { full_name: "Ada King" }],
    [
      "everything",
      { username: "a1b", email: "a@b.io", full_name: "A" },
      { username: "a1b", email: "a@b.io", full_name: "A" },
    ],
  ] as const)("replaces the given %s and keeps the rest", async ([, patch, changed], { expect }) => {
    const { request, users } = openApp();
    const response = await request(path, send("PATCH", patch));
    expect(response.status).toBe(200);
    expect(await readUser(response)).toEqual({ ...BEFORE, ...changed, updated_at: "2026-06-01T00:00:00.000Z" });
    expect(users.calls).toEqual(["update"]);
  });

  test("gives a new tag and the body that a later read gives", async ({ expect }) => {
    const { request } = openApp();
    const before = await request(path);
    const changed = await request(path, send("PATCH", { full_name: "Ada King" }));
    const after = await request(path);
    expect(changed.headers.get("ETag")).not.toBe(before.headers.get("ETag"));
    expect(after.headers.get("ETag")).toBe(changed.headers.get("ETag"));
    expect(await after.text()).toBe(await changed.text());
  });

  test("reads a merge patch by its own media type", async ({ expect }) => {
    const { request } = openApp();
    const headers = { "Content-Type": "application/merge-patch+json" };
    const response = await request(path, send("PATCH", { full_name: "Ada King" }, headers));
    expect(await readUser(response)).toMatchObject({ full_name: "Ada King", username: "ada1815" });
  });

  test("checks a merge patch by the same rules", async ({ expect }) => {
    const { request, users } = openApp();
    const headers = { "Content-Type": "application/merge-patch+json" };
    const response = await request(path, send("PATCH", { full_name: 1, role: "admin" }, headers));
    expect(await readProblem(response)).toMatchObject({ code: "validation-failed", status: 400 });
    expect(users.countWrites()).toBe(0);
  });

  test("with an empty patch returns the user unchanged, tag included, and writes nothing", async ({ expect }) => {
    const { request, users } = openApp();
    const before = await request(path);
    const response = await request(path, send("PATCH", {}));
    expect(response.status).toBe(200);
    expect(await readUser(response)).toEqual(BEFORE);
    expect(response.headers.get("ETag")).toBe(before.headers.get("ETag"));
    expect(users.countWrites()).toBe(0);
  });

  test("finds the user by an id in upper case", async ({ expect }) => {
    const response = await openApp().request(
      path.replace(user.id, user.id.toUpperCase()),
      send("PATCH", { username: "abc" }),
    );
    expect(await readUser(response)).toMatchObject({ id: user.id, username: "abc" });
  });

  test.for([{}, { full_name: "Nobody" }])("that does not exist is 404, for the patch %j", async (patch, { expect }) => {
    const response = await openApp().request(`${USERS}/id/${ABSENT_ID}`, send("PATCH", patch));
    expect(await readProblem(response)).toMatchObject({ code: "user-not-found", status: 404 });
  });

  test.for([
    ["username", { username: "Grace" }, "username-taken"],
    ["email", { email: "GRACE@example.com" }, "email-taken"],
  ] as const)("to another user's %s is 409 and changes nothing", async ([, patch, code], { expect }) => {
    const { request } = openApp();
    const response = await request(path, send("PATCH", { ...patch, full_name: "Ada King" }));
    expect(await readProblem(response)).toMatchObject({ code, status: 409 });
    expect(await readUser(await request(path))).toEqual(BEFORE);
  });

  test.for(["username", "email", "full_name"])("cannot remove %s: null is refused", async (field, { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(path, send("PATCH", { [field]: null })));
    expect(problem).toMatchObject({
      code: "validation-failed",
      errors: [{ pointer: `/${field}`, code: "invalid_type" }],
    });
    expect(users.countWrites()).toBe(0);
  });

  test.for(["id", "created_at", "updated_at", "version"])("cannot touch %s", async (field, { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(path, send("PATCH", { [field]: "2" })));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ pointer: `/${field}`, code: "unknown" }] });
    expect(users.countWrites()).toBe(0);
  });
});
