import { describe, test } from "vitest";

import { TEST_CONTEXT } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, readUser, send, USERS } from "../support/http-messages.ts";
import type { TestAppOptions } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser({ version: 3 });
const other = buildUser({ version: 3 });
const PATH = `${USERS}/id/${user.id}`;
const TAG = `"${user.id}.3"`;

const openApp = (options: TestAppOptions = {}) =>
  createRecordedApp({ users: createFakeUserRepository([user, other]), ...options });

interface Change {
  readonly name: string;
  readonly done: number;
  readonly init: (headers?: Record<string, string>) => RequestInit;
}

const PATCH: Change = {
  name: "PATCH",
  done: 200,
  init: (headers = {}) => send("PATCH", { full_name: "Ada King" }, headers),
};
const EMPTY_PATCH: Change = {
  name: "an empty PATCH",
  done: 200,
  init: (headers = {}) => send("PATCH", {}, headers),
};
const DELETE: Change = { name: "DELETE", done: 204, init: (headers = {}) => ({ method: "DELETE", headers }) };
const CHANGES = [PATCH, EMPTY_PATCH, DELETE];

const MET = {
  "the tag": TAG,
  "any tag": "*",
  "any tag, in blanks": "\t* ",
  "the tag, in blanks": ` ${TAG} `,
  "a list that starts with the tag": `${TAG}, "other"`,
  "a list that ends with the tag": `"other",W/"more",\t${TAG}`,
  "a list with the tag of another user": `"${other.id}.3", ${TAG}`,
  "a list with a later and an earlier version": `"${user.id}.2", "${user.id}.4", ${TAG}`,
  "a list with empty elements": `,, ${TAG} ,`,
  "a list with commas inside of tags": `"a,b", ${TAG}`,
  "the tag both ways": `W/${TAG}, ${TAG}`,
};

const NOT_MET = {
  "an earlier version": `"${user.id}.2"`,
  "a later version": `"${user.id}.4"`,
  "the tag as a weak one": `W/${TAG}`,
  "a list of weak tags": `W/${TAG}, W/"other"`,
  "another user's tag": `"${other.id}.3"`,
  "a tag of no user": '"other"',
  "an empty tag": '""',
  "any tag, quoted": '"*"',
  "the tag in upper case": TAG.toUpperCase(),
  "the id alone": `"${user.id}"`,
  "the version alone": '"3"',
  "the version with a zero": `"${user.id}.03"`,
  "the version with a sign": `"${user.id}.+3"`,
  "the version with a fraction": `"${user.id}.3.0"`,
  "the version with an exponent": `"${user.id}.3e0"`,
  "a version beyond any": `"${user.id}.99999999999999999999"`,
  "the tag inside of another one": `"a,${user.id}.3,b"`,
};

const MALFORMED = {
  "the tag without quotes": `${user.id}.3`,
  "the tag in single quotes": `'${user.id}.3'`,
  "a quote too few": `"${user.id}.3`,
  "a weak tag in lower case": `w/${TAG}`,
  "two tags without a comma": `${TAG} "b"`,
  "any tag, in a list": `*, ${TAG}`,
  "any tag, at the end of a list": `${TAG}, *`,
  "two stars": "**",
  nothing: "",
  blanks: " \t ",
  commas: ",,",
  "a blank inside of a tag": '"a b"',
  "a list with something unreadable": `${TAG}, nonsense`,
};

describe.for(CHANGES)("$name", (change) => {
  test.for(Object.entries(MET))("under %s goes through", async ([, ifMatch], { expect }) => {
    const { request, users } = openApp();
    const response = await request(PATH, change.init({ "If-Match": ifMatch }));
    expect(response.status).toBe(change.done);
    expect(users.calls).toHaveLength(1);
  });

  test.for(Object.entries(NOT_MET))("under %s is 412, and nothing changes", async ([, ifMatch], { expect }) => {
    const { request, users } = openApp();
    const response = await request(PATH, change.init({ "If-Match": ifMatch }));
    expect(await readProblem(response)).toMatchObject({ code: "precondition-failed", status: 412 });
    expect(users.calls).toHaveLength(1);
    expect(await users.findById(user.id, TEST_CONTEXT)).toEqual(user);
  });

  test.for(Object.entries(MALFORMED))("under %s is 400, and nobody is asked", async ([, ifMatch], { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(PATH, change.init({ "If-Match": ifMatch })));
    expect(problem).toMatchObject({
      code: "validation-failed",
      errors: [{ parameter: "If-Match", code: "invalid_format" }],
    });
    expect(problem.errors).toHaveLength(1);
    expect(users.calls).toEqual([]);
  });

  test("of nobody is 412 under any condition", async ({ expect }) => {
    for (const ifMatch of ["*", TAG, `"${ABSENT_ID}.1"`, 'W/"a"']) {
      const { request, users } = openApp();
      const response = await request(`${USERS}/id/${ABSENT_ID}`, change.init({ "If-Match": ifMatch }));
      expect(await readProblem(response)).toMatchObject({ code: "precondition-failed" });
      expect(users.calls).toHaveLength(1);
    }
  });

  test("of nobody, without a condition, is as ever", async ({ expect }) => {
    const response = await openApp().request(`${USERS}/id/${ABSENT_ID}`, change.init());
    expect(response.status).toBe(change === DELETE ? 204 : 404);
  });

  test("finds the user by an id in upper case under its own tag", async ({ expect }) => {
    const path = `${USERS}/id/${user.id.toUpperCase()}`;
    expect((await openApp().request(path, change.init({ "If-Match": TAG }))).status).toBe(change.done);
  });

  test("pays no attention to If-None-Match", async ({ expect }) => {
    const response = await openApp().request(PATH, change.init({ "If-None-Match": "*" }));
    expect(response.status).toBe(change.done);
  });

  describe("where a condition is required", () => {
    const strict = () => openApp({ requireIfMatch: true });

    test("is 428 without one, and nobody is asked", async ({ expect }) => {
      for (const path of [PATH, `${USERS}/id/${ABSENT_ID}`]) {
        const { request, users } = strict();
        const response = await request(path, change.init());
        expect(await readProblem(response)).toMatchObject({ code: "precondition-required", status: 428 });
        expect(users.calls).toEqual([]);
      }
    });

    test("goes through, is 412 or 400 with one, as ever", async ({ expect }) => {
      const statusUnder = async (ifMatch: string) =>
        (await strict().request(PATH, change.init({ "If-Match": ifMatch }))).status;
      expect(await statusUnder(TAG)).toBe(change.done);
      expect(await statusUnder("*")).toBe(change.done);
      expect(await statusUnder('"other"')).toBe(412);
      expect(await statusUnder("nonsense")).toBe(400);
      expect(await statusUnder("")).toBe(400);
    });
  });
});

describe("the tag of a changed user", () => {
  test("is a new one, under which the next change goes through once", async ({ expect }) => {
    const { request } = openApp();
    const first = await request(PATH, PATCH.init({ "If-Match": TAG }));
    const tag = first.headers.get("ETag") ?? "";
    expect(tag).toBe(`"${user.id}.4"`);
    expect((await request(PATH)).headers.get("ETag")).toBe(tag);
    expect((await request(PATH, PATCH.init({ "If-Match": TAG }))).status).toBe(412);
    expect((await request(PATH, PATCH.init({ "If-Match": tag }))).status).toBe(200);
    expect((await request(PATH, PATCH.init({ "If-Match": tag }))).status).toBe(412);
    expect((await request(PATH, DELETE.init({ "If-Match": `"${user.id}.5"` }))).status).toBe(204);
  });

  test("stays as it is after an empty patch", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(PATH, EMPTY_PATCH.init({ "If-Match": TAG }));
    expect(response.headers.get("ETag")).toBe(TAG);
    expect(await readUser(response)).toMatchObject({ id: user.id, updated_at: user.updatedAt.toISOString() });
  });

  test("is that of one life: a user that was deleted and made again has another one", async ({ expect }) => {
    const { request } = openApp();
    const { username, email } = user;
    await request(PATH, DELETE.init({ "If-Match": TAG }));
    const made = await request(USERS, send("POST", { username, email, full_name: "Ada Lovelace" }));
    expect(made.headers.get("ETag")).not.toContain(user.id);
    expect((await request(PATH, PATCH.init({ "If-Match": "*" }))).status).toBe(412);
  });
});

describe("a change that is wrong in more than one way", () => {
  const REFUSED = [
    ["an id that is none", `${USERS}/id/nonsense`, send("PATCH", {}), 400],
    ["an unknown parameter", `${PATH}?force=1`, send("PATCH", {}), 400],
    ["an unknown field", PATH, send("PATCH", { role: "admin" }), 400],
    ["a field of the wrong type", PATH, send("PATCH", { username: 7 }), 400],
    ["a field that breaks a rule", PATH, send("PATCH", { username: "x" }), 400],
    ["a malformed body", PATH, send("PATCH", "{"), 400],
    ["another media type", PATH, send("PATCH", "{}", { "Content-Type": "text/plain" }), 415],
    ["an id to delete that is none", `${USERS}/id/nonsense`, DELETE.init(), 400],
    ["an unknown parameter of a delete", `${PATH}?force=1`, DELETE.init(), 400],
  ] as const;

  test.for(REFUSED)("%s is told before the condition that is missing", async ([, path, init, status], { expect }) => {
    const { request, users } = openApp({ requireIfMatch: true });
    expect((await request(path, init)).status).toBe(status);
    expect(users.calls).toEqual([]);
  });

  test.for(REFUSED)("%s is told before the condition that is not met", async ([, path, init, status], { expect }) => {
    const { request, users } = openApp();
    const headers = new Headers(init.headers);
    headers.set("If-Match", '"other"');
    expect((await request(path, { ...init, headers })).status).toBe(status);
    expect(users.calls).toEqual([]);
  });

  test("a condition that is not met is told before a conflict", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(PATH, send("PATCH", { username: other.username }, { "If-Match": '"other"' }));
    expect(await readProblem(response)).toMatchObject({ code: "precondition-failed" });
  });

  test("a condition that is met does not hide a conflict", async ({ expect }) => {
    const { request, users } = openApp();
    const response = await request(PATH, send("PATCH", { username: other.username }, { "If-Match": TAG }));
    expect(await readProblem(response)).toMatchObject({ code: "username-taken" });
    expect(await users.findById(user.id, TEST_CONTEXT)).toEqual(user);
  });
});

test("creating a user asks for no condition, whatever is required of changes", async ({ expect }) => {
  const { request } = openApp({ requireIfMatch: true });
  const body = { username: "newcomer", email: "newcomer@example.com", full_name: "New" };
  expect((await request(USERS, send("POST", body))).status).toBe(201);
});
