import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, readUser, send, stableHeaders, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser({ username: "ada1815", version: 3 });
const other = buildUser();
const TAG = `"${user.id}.3"`;
const openApp = () => createRecordedApp({ users: createFakeUserRepository([user, other]) });

const READS = [`${USERS}/id/${user.id}`, `${USERS}/username/${user.username}`].flatMap((path) =>
  (["GET", "HEAD"] as const).map((method) => ({ method, path })),
);

/** Headers that name the state that the user has. */
const CURRENT = {
  "the tag": TAG,
  "the tag as a weak one": `W/${TAG}`,
  "any tag": "*",
  "any tag, in blanks": " \t* ",
  "the tag, in blanks": ` ${TAG}\t`,
  "a list that starts with the tag": `${TAG}, "other"`,
  "a list that ends with the tag": `"other", W/"more",${TAG}`,
  "a list without blanks": `"a",${TAG},"b"`,
  "a list with empty elements": `, ,"a",, ${TAG},`,
  "a list with commas inside of tags": `"a,b", "${user.id},", ${TAG}`,
  "a list with an empty tag": `"", ${TAG}`,
};

/** Headers that do not, or that cannot be read. */
const OTHER = {
  "an earlier version": `"${user.id}.2"`,
  "a later version": `"${user.id}.4"`,
  "another user's tag": `"${other.id}.3"`,
  "the tag in upper case": TAG.toUpperCase(),
  "the tag without quotes": `${user.id}.3`,
  "the tag in single quotes": `'${user.id}.3'`,
  "the tag inside of another one": `"a,${user.id}.3,b"`,
  "a part of the tag": `"${user.id}.3`,
  "the tag and more": `${TAG}3`,
  "a weak tag in lower case": `w/${TAG}`,
  "a weak tag with a blank": `W/ ${TAG}`,
  "two tags without a comma": `${TAG} "b"`,
  "any tag, in a list": `*, ${TAG}`,
  "any tag, quoted": '"*"',
  "two stars": "**",
  nothing: "",
  "a comma": ",",
  "a list with something unreadable": `${TAG}, nonsense`,
};

describe.for(READS)("$method $path", ({ method, path }) => {
  const read = (app: ReturnType<typeof openApp>, headers: Record<string, string> = {}) =>
    app.request(path, { method, headers: { "X-Request-ID": "req-7", ...headers } });

  test.for(Object.entries(CURRENT))("with %s is 304, without a body", async ([, ifNoneMatch], { expect }) => {
    const app = openApp();
    const response = await read(app, { "If-None-Match": ifNoneMatch });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe("");
    expect(app.users.calls).toHaveLength(1);
  });

  test.for(Object.entries(OTHER))("with %s is 200, with the whole user", async ([, ifNoneMatch], { expect }) => {
    const response = await read(openApp(), { "If-None-Match": ifNoneMatch });
    expect(response.status).toBe(200);
    if (method === "GET") expect(await readUser(response)).toMatchObject({ id: user.id });
    expect(response.headers.get("ETag")).toBe(TAG);
  });

  test("says the same of the user with 304 as with 200", async ({ expect }) => {
    const full = stableHeaders(await read(openApp()));
    const unchanged = stableHeaders(await read(openApp(), { "If-None-Match": TAG }));
    expect(full).toMatchObject({
      etag: TAG,
      "cache-control": "private, no-cache, no-transform",
      vary: "Accept, Authorization, X-API-Key",
      "x-request-id": "req-7",
    });
    const { "content-type": _type, "content-length": _length, ...rest } = full;
    expect(unchanged).toEqual(rest);
  });

  test("is 200 again when the user has changed", async ({ expect }) => {
    const app = openApp();
    expect((await read(app, { "If-None-Match": TAG })).status).toBe(304);
    await app.request(`${USERS}/id/${user.id}`, send("PATCH", { full_name: "Ada King" }));
    const response = await read(app, { "If-None-Match": TAG });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe(`"${user.id}.4"`);
    expect((await read(app, { "If-None-Match": `"${user.id}.4"` })).status).toBe(304);
  });

  test("pays no attention to other preconditions", async ({ expect }) => {
    const headers = { "If-Match": '"other"', "If-Modified-Since": new Date(2100, 1).toUTCString(), "If-Range": TAG };
    expect((await read(openApp(), headers)).status).toBe(200);
    expect((await read(openApp(), { ...headers, "If-None-Match": TAG })).status).toBe(304);
  });
});

describe("If-None-Match", () => {
  test.for([`${USERS}/id/${ABSENT_ID}`, `${USERS}/username/nobody`])(
    "does not hide that there is no such user: %s",
    async (path, { expect }) => {
      for (const ifNoneMatch of ["*", TAG, `"${ABSENT_ID}.1"`]) {
        const response = await openApp().request(path, { headers: { "If-None-Match": ifNoneMatch } });
        expect(await readProblem(response)).toMatchObject({ code: "user-not-found" });
      }
    },
  );

  test("does not hide a refusal", async ({ expect }) => {
    const headers = { "If-None-Match": "*" };
    const closed = createRecordedApp({ users: createFakeUserRepository([user]), apiKey: "key" });
    expect((await closed.request(`${USERS}/id/${user.id}`, { headers })).status).toBe(401);
    expect((await openApp().request(`${USERS}/id/nonsense`, { headers })).status).toBe(400);
    const refused = { ...headers, Accept: "text/html" };
    expect((await openApp().request(`${USERS}/id/${user.id}`, { headers: refused })).status).toBe(406);
  });

  test("of two header lines is one list", async ({ expect }) => {
    const headers = new Headers([
      ["If-None-Match", '"other"'],
      ["If-None-Match", TAG],
    ]);
    expect((await openApp().request(`${USERS}/id/${user.id}`, { headers })).status).toBe(304);
  });

  test("means nothing to a list, which has no tag", async ({ expect }) => {
    const response = await openApp().request(USERS, { headers: { "If-None-Match": "*" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBeNull();
  });

  test.for([
    ["commas", ",".repeat(120_000)],
    ["blanks", `"a"${" ".repeat(120_000)}"b"`],
    ["tags", '"a",'.repeat(30_000)],
    ["quotes", '"'.repeat(120_000)],
  ] as const)("of very many %s is read in no more time than a long tag", async ([, ifNoneMatch], { expect }) => {
    const { request } = openApp();
    /** The quickest of some attempts, in milliseconds: other work on the machine only ever adds to it. */
    const quickestMs = async (value: string): Promise<number> => {
      const times: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const startedAt = performance.now();
        const response = await request(`${USERS}/id/${user.id}`, { headers: { "If-None-Match": value } });
        times.push(performance.now() - startedAt);
        expect(response.status).toBe(200);
      }
      return Math.min(...times);
    };
    const plainMs = await quickestMs(`"${"a".repeat(120_000)}"`);
    // A pattern that looks at each character again for each character would take thousands of times as long.
    expect(await quickestMs(ifNoneMatch)).toBeLessThan(100 * Math.max(1, plainMs));
  });
});
