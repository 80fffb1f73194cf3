import { describe, test } from "vitest";

import { createRecordedApp } from "../support/http-fakes.ts";
import { createUser, newUserData, readProblem, readUser, send, USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("creating a user", () => {
  test("answers 201 with the user's place, tag and normalised data", async ({ expect }) => {
    const { request } = createTestApp({ now: () => new Date("2026-05-01T08:30:00.250Z") });
    const body = { username: "JDoe", email: "JDoe@Example.com", full_name: " Zoe\u0308 O’Neill " };
    const response = await request(USERS, send("POST", body));
    expect(response.status).toBe(201);
    const user = await readUser(response);
    expect(user).toEqual({
      id: expect.stringMatching(UUID_V7),
      username: "jdoe",
      email: "jdoe@example.com",
      full_name: "Zoë O’Neill",
      created_at: "2026-05-01T08:30:00.250Z",
      updated_at: "2026-05-01T08:30:00.250Z",
    });
    expect(response.headers.get("Location")).toBe(`${USERS}/id/${user.id}`);
    expect(response.headers.get("ETag")).toMatch(/^"[\x21\x23-\x7e]+"$/);
  });

  test("gives the same body and tag that a later read gives", async ({ expect }) => {
    const { request } = createTestApp();
    const created = await request(USERS, send("POST", newUserData()));
    const read = await request(created.headers.get("Location") ?? "");
    expect(read.status).toBe(200);
    expect(await read.text()).toBe(await created.text());
    expect(read.headers.get("ETag")).toBe(created.headers.get("ETag"));
  });

  test("reaches the repository once", async ({ expect }) => {
    const { request, users } = createRecordedApp();
    expect((await request(USERS, send("POST", newUserData()))).status).toBe(201);
    expect(users.calls).toEqual(["insert"]);
  });

  test("gives each user an id and a tag of its own", async ({ expect }) => {
    const { request } = createTestApp();
    const first = await request(USERS, send("POST", newUserData()));
    const second = await request(USERS, send("POST", newUserData()));
    expect(first.headers.get("ETag")).not.toBe(second.headers.get("ETag"));
    expect((await readUser(first)).id).not.toBe((await readUser(second)).id);
  });

  test.for([
    ["username in another case", { username: "TAKEN" }, "username-taken"],
    ["email in another case", { email: "Taken@Example.COM" }, "email-taken"],
  ] as const)("refuses a taken %s with 409 and stores nothing", async ([, clash, code], { expect }) => {
    const app = createTestApp();
    await createUser(app, { username: "taken", email: "taken@example.com" });
    const data = newUserData(clash);
    const response = await app.request(USERS, send("POST", data));
    expect(await readProblem(response)).toMatchObject({ code, status: 409, instance: USERS });
    expect(response.headers.get("Location")).toBeNull();
    const left =
      code === "username-taken" ? newUserData({ email: data.email }) : newUserData({ username: data.username });
    expect((await app.request(USERS, send("POST", left))).status).toBe(201);
  });
});
