import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, readUser, USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser({ username: "ada1815", email: "ada@example.com", version: 3 });
const openApp = () => createRecordedApp({ users: createFakeUserRepository([user, buildUser()]) });

describe("reading one user", () => {
  test.for([
    ["id", `${USERS}/id/${user.id}`, "findById"],
    ["id in upper case", `${USERS}/id/${user.id.toUpperCase()}`, "findById"],
    ["username", `${USERS}/username/ada1815`, "findByUsername"],
    ["username in another case", `${USERS}/username/AdA1815`, "findByUsername"],
    ["percent-encoded username", `${USERS}/username/%61da1815`, "findByUsername"],
  ] as const)("by %s gives the user in one call to the repository", async ([, path, call], { expect }) => {
    const { request, users } = openApp();
    const response = await request(path);
    expect(response.status).toBe(200);
    expect(await readUser(response)).toEqual({
      id: user.id,
      username: "ada1815",
      email: "ada@example.com",
      full_name: "Ada Lovelace",
      created_at: "2026-03-01T12:00:00.123Z",
      updated_at: "2026-03-01T12:00:00.123Z",
    });
    expect(users.calls).toEqual([call]);
  });

  test("has a strong tag that is the same on both paths and belongs to this version", async ({ expect }) => {
    const { request } = openApp();
    const byId = (await request(`${USERS}/id/${user.id}`)).headers.get("ETag");
    const byUsername = (await request(`${USERS}/username/${user.username}`)).headers.get("ETag");
    expect(byId).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(byUsername).toBe(byId);
    const changed = createTestApp({ users: createFakeUserRepository([{ ...user, version: 4 }]) });
    expect((await changed.request(`${USERS}/id/${user.id}`)).headers.get("ETag")).not.toBe(byId);
  });

  test.for([
    ["id", `${USERS}/id/${ABSENT_ID}`],
    ["username", `${USERS}/username/nobody`],
  ])("that does not exist, by %s, is 404", async ([, path], { expect }) => {
    const response = await openApp().request(path ?? "");
    expect(await readProblem(response)).toMatchObject({ code: "user-not-found", status: 404, instance: path });
    expect(response.headers.get("ETag")).toBeNull();
  });
});
