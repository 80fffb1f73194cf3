import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser();
const openApp = () => createRecordedApp({ users: createFakeUserRepository([user]) });

describe("deleting a user", () => {
  test("answers 204 without a body, and the user is gone from every read", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(`${USERS}/id/${user.id}`, { method: "DELETE" });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(response.headers.get("Content-Type")).toBeNull();
    for (const path of [`${USERS}/id/${user.id}`, `${USERS}/username/${user.username}`]) {
      expect(await readProblem(await request(path))).toMatchObject({ code: "user-not-found" });
    }
    expect(await (await request(USERS)).json()).toEqual({ data: [], next_cursor: null });
  });

  test("takes an id in upper case", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(`${USERS}/id/${user.id.toUpperCase()}`, { method: "DELETE" });
    expect(response.status).toBe(204);
    expect((await request(`${USERS}/id/${user.id}`)).status).toBe(404);
  });

  test("may be repeated, in one call to the repository each time", async ({ expect }) => {
    const { request, users } = openApp();
    for (const _ of ["first", "second"]) {
      expect((await request(`${USERS}/id/${user.id}`, { method: "DELETE" })).status).toBe(204);
    }
    expect(users.calls).toEqual(["delete", "delete"]);
  });

  test("that never existed is 204 too", async ({ expect }) => {
    const response = await openApp().request(`${USERS}/id/${ABSENT_ID}`, { method: "DELETE" });
    expect(response.status).toBe(204);
  });
});
