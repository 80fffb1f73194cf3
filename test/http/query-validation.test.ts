import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import { createRecordedApp, SERVED_ASSETS } from "../support/http-fakes.ts";
import { newUserData, readPage, readProblem, send, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const openApp = (createdAt = new Date("2026-03-01T12:00:00.123Z")) =>
  createRecordedApp({ users: createFakeUserRepository(Array.from({ length: 3 }, () => buildUser({ createdAt }))) });

async function takeCursor(createdAt?: Date): Promise<string> {
  const page = await readPage(await openApp(createdAt).request(`${USERS}?limit=1`));
  if (page.next_cursor === null) throw new Error("there is no next page");
  return page.next_cursor;
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("the limit of a list", () => {
  test.for([
    "0",
    "101",
    "-1",
    "1.5",
    "10.0",
    "1e1",
    "0x10",
    "+10",
    "%2B10",
    "%2010",
    "10%0A",
    "10%00",
    "ten",
    "NaN",
    "Infinity",
    "null",
    "",
    "%D9%A1%D9%A0",
    "%EF%BC%91%EF%BC%90",
    "9007199254740993",
    "9".repeat(400),
    "1,2",
    "%FF",
    "%",
  ])("is refused as %j", async (limit, { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(`${USERS}?limit=${limit}`));
    expect(problem).toMatchObject({ code: "validation-failed", status: 400, errors: [{ parameter: "limit" }] });
    expect(problem.errors).toHaveLength(1);
    expect(users.calls).toEqual([]);
  });

  test("is refused without a value", async ({ expect }) => {
    expect(await readProblem(await openApp().request(`${USERS}?limit`))).toMatchObject({
      code: "validation-failed",
      errors: [{ parameter: "limit" }],
    });
  });

  test.for(["limit=1&limit=1", "limit=1&limit=2", "limit=1&cursor=a&%6cimit=2", "limit=&limit="])(
    "is refused when repeated: %s",
    async (query, { expect }) => {
      const { request, users } = openApp();
      const problem = await readProblem(await request(`${USERS}?${query}`));
      expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: "limit", code: "repeated" }] });
      expect(users.calls).toEqual([]);
    },
  );

  test("is taken in any spelling that percent-encoding allows", async ({ expect }) => {
    const page = await readPage(await openApp().request(`${USERS}?%6c%69mit=%32`));
    expect(page.data).toHaveLength(2);
  });
});

describe("the cursor of a list", () => {
  test.for([
    "x",
    "AAAA",
    "null",
    "0",
    "%00",
    "%FF",
    "%F0%9F%99%82",
    "../../etc/passwd",
    "A".repeat(256),
    "A".repeat(10_000),
    "eyJjcmVhdGVkQXQiOjB9",
    btoa("1767225600000.01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10").replaceAll("=", ""),
  ])("is refused as %j", async (cursor, { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(`${USERS}?cursor=${cursor}`));
    expect(problem).toMatchObject({ code: "invalid-cursor", status: 400 });
    expect(users.calls).toEqual([]);
  });

  test("is refused when it is empty", async ({ expect }) => {
    const { request, users } = openApp();
    expect(await readProblem(await request(`${USERS}?cursor=`))).toMatchObject({ status: 400 });
    expect(users.calls).toEqual([]);
  });

  test("is refused when it is repeated", async ({ expect }) => {
    const cursor = await takeCursor();
    const problem = await readProblem(await openApp().request(`${USERS}?cursor=${cursor}&cursor=${cursor}`));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: "cursor", code: "repeated" }] });
  });

  // Cursors of these times have lengths that leave no, two and four spare bits in their last character.
  test.for(["2026-03-01T12:00:00Z", "2001-01-01T00:00:00Z", "1972-06-01T00:00:00Z"])(
    "behind a user of %s is refused when any one of its characters is another one",
    async (time, { expect }) => {
      const cursor = await takeCursor(new Date(time));
      const { request, users } = openApp();
      for (let place = 0; place < cursor.length; place++) {
        const value = BASE64URL.indexOf(cursor.charAt(place));
        // The neighbour differs in the last bit, which at the end of base64 carries no data.
        const tampered = `${cursor.slice(0, place)}${BASE64URL.charAt(value ^ 1)}${cursor.slice(place + 1)}`;
        const problem = await readProblem(await request(`${USERS}?cursor=${tampered}`));
        expect(problem.code, tampered).toBe("invalid-cursor");
      }
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    ["cut", (cursor: string) => cursor.slice(0, -1)],
    ["extended", (cursor: string) => `${cursor}A`],
    ["padded", (cursor: string) => `${cursor}=`],
    ["doubled", (cursor: string) => cursor + cursor],
    ["preceded by a space", (cursor: string) => `%20${cursor}`],
    ["upper-cased", (cursor: string) => cursor.toUpperCase()],
  ] as const)("is refused when it is %s", async ([, tamper], { expect }) => {
    const response = await openApp().request(`${USERS}?cursor=${tamper(await takeCursor())}`);
    expect(await readProblem(response)).toMatchObject({ code: "invalid-cursor" });
  });
});

describe.for(USER_OPERATIONS)("the operation $name", ({ method, path }) => {
  const takesBody = method === "POST" || method === "PATCH";
  const init = (): RequestInit => (takesBody ? send(method, newUserData()) : { method });

  test.for([
    ["page=2", "page"],
    ["page=2&page=3", "page"],
    ["LIMIT=5", "LIMIT"],
    ["%00=1", "\0"],
    ["constructor=1", "constructor"],
    ["toString=1", "toString"],
    ["__proto__=1", "__proto__"],
    ["__proto__[isAdmin]=1", "__proto__[isAdmin]"],
    ["api_key=secret", "api_key"],
  ])("refuses the unknown query parameter in ?%s", async ([query = "", name], { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(`${path}?${query}`, init()));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: name, code: "unknown" }] });
    expect(users.calls).toEqual([]);
  });

  test("names every unknown query parameter at once", async ({ expect }) => {
    const { errors } = await readProblem(await openApp().request(`${path}?a=1&b=2&c=3`, init()));
    expect(errors?.map((error) => ("parameter" in error ? error.parameter : ""))).toEqual(["a", "b", "c"]);
  });

  test("treats a bare question mark as no query", async ({ expect }) => {
    const response = await openApp().request(`${path}?`, init());
    expect([200, 201, 204, 404]).toContain(response.status);
  });

  test("answers a huge query with a small problem", async ({ expect }) => {
    const { request, users } = openApp();
    const query = Array.from({ length: 1_000 }, (_, i) => `parameter${i}=${"v".repeat(10)}`).join("&");
    const response = await request(`${path}?${query}`, init());
    expect((await readProblem(response.clone())).status).toBe(400);
    expect((await response.text()).length).toBeLessThan(10_000);
    expect(users.calls).toEqual([]);
  });
});

describe.for(PUBLIC_PATHS)("$path", ({ path }) => {
  test.for(["unknown=1", "unknown=1&unknown=2", "constructor=1", "__proto__=1"])(
    "refuses ?%s",
    async (query, { expect }) => {
      const { request } = createRecordedApp({ assets: SERVED_ASSETS });
      const problem = await readProblem(await request(`${path}?${query}`));
      expect(problem).toMatchObject({ code: "validation-failed", status: 400, errors: [{ code: "unknown" }] });
    },
  );
});
