import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { createUser, newUserData, readProblem, readUser, send, USERS } from "../support/http-messages.ts";
import { NAMES, REFUSED_NAMES } from "../support/names.ts";
import { createTestApp } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser();
const openApp = () => createRecordedApp({ users: createFakeUserRepository([user]) });

/** Both operations that read a body. */
const WRITES = [
  ["POST", USERS],
  ["PATCH", `${USERS}/id/${user.id}`],
] as const;

const MALFORMED = {
  "an empty body": "",
  "spaces only": " \n\t ",
  "a word": "hello",
  "a cut object": '{"username":"jdoe"',
  "single quotes": "{'username':'jdoe'}",
  "a trailing comma": '{"username":"jdoe",}',
  "two objects": "{}{}",
  "a comment": '{"username":"jdoe"} // hello',
  "an unescaped line break": '{"username":"jd\noe"}',
  NaN: '{"username":NaN}',
  "a NUL byte behind the object": "{}\0",
  "a form": "username=jdoe&email=jdoe%40example.com",
  "an unclosed nest": "[".repeat(20_000),
};

const NOT_AN_OBJECT = {
  null: "null",
  true: "true",
  "a number": "42",
  "a string": '"username"',
  "an empty array": "[]",
  "an array of users": JSON.stringify([newUserData()]),
  "an array nested 20,000 deep": "[".repeat(20_000) + "]".repeat(20_000),
};

describe.for(WRITES)("%s refuses", ([method, path]) => {
  test.for(Object.entries(MALFORMED))("%s as malformed and stores nothing", async ([, body], { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(path, send(method, body)));
    expect(problem).toMatchObject({ code: "malformed-body", status: 400 });
    expect(users.calls).toEqual([]);
  });

  test("a request without any body", async ({ expect }) => {
    const { request, users } = openApp();
    const response = await request(path, { method, headers: { "Content-Type": "application/json" } });
    expect(await readProblem(response)).toMatchObject({ code: "malformed-body", status: 400 });
    expect(users.calls).toEqual([]);
  });

  test.for(Object.entries(NOT_AN_OBJECT))("%s in place of an object", async ([, body], { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(path, send(method, body)));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ pointer: "", code: "invalid_type" }] });
    expect(users.calls).toEqual([]);
  });

  const WRONG_TYPES = {
    "a number": 5,
    "a boolean": true,
    null: null,
    "an array": ["jdoe"],
    "an object": { name: "jdoe" },
  };
  test.for(Object.entries(WRONG_TYPES))(
    "%s in place of text, in every field at once",
    async ([, value], { expect }) => {
      const { request, users } = openApp();
      const body = { username: value, email: value, full_name: value };
      const { code, errors } = await readProblem(await request(path, send(method, body)));
      expect(code).toBe("validation-failed");
      expect(errors).toEqual(
        ["/username", "/email", "/full_name"].map((pointer) => ({
          pointer,
          code: "invalid_type",
          detail: "Expected string.",
        })),
      );
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    ["role", "/role"],
    ["Username", "/Username"],
    ["constructor", "/constructor"],
    ["__proto__", "/__proto__"],
    ["toString", "/toString"],
    ["hasOwnProperty", "/hasOwnProperty"],
    ["", "/"],
    ["a/b~c", "/a~1b~0c"],
    ["\0", "/\0"],
    ["\ud800", "/\ufffd"],
  ])("an unknown field named %j, by its pointer", async ([name = "", pointer], { expect }) => {
    const { request, users } = openApp();
    const known = JSON.stringify(newUserData()).slice(0, -1);
    const body = `${known},${JSON.stringify(name)}:{"isAdmin":true}}`;
    const problem = await readProblem(await request(path, send(method, body)));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ pointer, code: "unknown" }] });
    expect(users.calls).toEqual([]);
  });

  const REPEATED = {
    "the same value": (known: string) => `${known},"username":"jdoe"}`,
    "another value": (known: string) => `${known},"username":"mallory"}`,
    "another type": (known: string) => `${known},"username":["jdoe"]}`,
    "an escaped name": (known: string) => String.raw`${known},"user\u006eame":"jdoe"}`,
    "a name that is all escapes": (known: string) =>
      String.raw`${known},"\u0075\u0073\u0065\u0072\u006E\u0061\u006d\u0065":"jdoe"}`,
    "a bad value that a good one replaces": (known: string) => known.replace("{", '{"username":{"$ne":"\\""},') + "}",
    "blanks around it": (known: string) => `${known}\r\n,\t "username" : "jdoe" }`,
  };
  test.for(Object.entries(REPEATED))("a field that is given twice: %s", async ([, spell], { expect }) => {
    const { request, users } = openApp();
    const body = spell(
      JSON.stringify({ username: "jdoe", email: "jdoe@example.com", full_name: "J Doe" }).slice(0, -1),
    );
    const { code, status, errors } = await readProblem(await request(path, send(method, body)));
    expect({ code, status }).toEqual({ code: "validation-failed", status: 400 });
    expect(errors?.[0]).toEqual({ pointer: "/username", code: "repeated", detail: "Give this field once." });
    expect(users.calls).toEqual([]);
  });

  test("each of the fields that are given twice, and what else is wrong, at once", async ({ expect }) => {
    const body = '{"email":"a","full_name":"b","email":"c","full_name":5,"full_name":6,"role":1,"role":2}';
    const { errors = [] } = await readProblem(await openApp().request(path, send(method, body)));
    const found = errors.map((error) => ("pointer" in error ? `${error.pointer} ${error.code}` : ""));
    const missing = method === "POST" ? ["/username required"] : [];
    const repeated = ["/email repeated", "/full_name repeated"];
    expect(found).toEqual([...repeated, ...missing, "/full_name invalid_type", "/role unknown"]);
  });

  test.for([
    ["fields given twice", `{${Array.from({ length: 4_000 }, () => '"a":1').join(",")}}`],
    ["names of 30,000 characters", `{"${"~".repeat(30_000)}":1,"${"~".repeat(30_000)}":1}`],
    ["a field 5,000 levels deep", `${'{"deep":'.repeat(5_000)}{"a":1,"a":1}${"}".repeat(5_000)}`],
  ] as const)("%s with an answer that stays small", async ([, body], { expect }) => {
    const response = await openApp().request(path, send(method, body));
    expect((await readProblem(response.clone())).code).toBe("validation-failed");
    expect((await response.text()).length).toBeLessThan(3_000);
  });

  test("thousands of unknown fields with an answer that stays small", async ({ expect }) => {
    const { request } = openApp();
    const names = Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`field${i}`, 1]));
    const response = await request(path, send(method, { ...newUserData(), ...names }));
    expect((await readProblem(response.clone())).code).toBe("validation-failed");
    expect((await response.text()).length).toBeLessThan(10_000);
  });

  test("an unknown field whose name is 50,000 characters long with an answer that stays small", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(path, send(method, { ...newUserData(), ["n".repeat(50_000)]: 1 }));
    expect((await readProblem(response.clone())).code).toBe("validation-failed");
    expect((await response.text()).length).toBeLessThan(2_000);
  });

  const HOSTILE = {
    "10,000 letters": ["x".repeat(10_000), ["too_long", "too_long", "too_long"]],
    "an empty text": ["", ["too_short", "too_short", "too_short"]],
    spaces: ["     ", ["invalid_format", "invalid_format", "too_short"]],
    "a NUL byte": ["jd\0oe@example.com", ["invalid_format", "invalid_format", "invalid_format"]],
    "a lone surrogate": ["jd\ud800oe", ["invalid_format", "invalid_format", "invalid_format"]],
    "a line break": ["jdoe@example.com\nBcc: x", ["invalid_format", "invalid_format", "invalid_format"]],
    markup: ["<script>alert(1)</script>", ["invalid_format", "invalid_format", "invalid_format"]],
    SQL: ["'; DROP TABLE users; --", ["invalid_format", "invalid_format", "invalid_format"]],
    "a text direction override": ["jdoe\u202egpj", ["invalid_format", "invalid_format", "invalid_format"]],
    "60 characters outside the basic plane": ["🙂".repeat(60), ["too_long", "invalid_format", "invalid_format"]],
  } as const;
  test.for(Object.entries(HOSTILE))(
    "%s in every field, reported all at once",
    async ([, [text, codes]], { expect }) => {
      const { request, users } = openApp();
      const body = { username: text, email: text, full_name: text };
      const problem = await readProblem(await request(path, send(method, body)));
      expect(problem.code).toBe("validation-failed");
      const found = problem.errors?.map((error) => ("pointer" in error ? [error.pointer, error.code] : []));
      expect(found).toEqual(["/username", "/email", "/full_name"].map((pointer, i) => [pointer, codes[i]]));
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    ["username", "ab", "too_short"],
    ["username", "a".repeat(51), "too_long"],
    ["username", "j_doe", "invalid_format"],
    ["username", "jdoé", "invalid_format"],
    ["username", "\u212aelvin", "invalid_format"],
    ["username", "１２３", "invalid_format"],
    ["username", " jdoe", "invalid_format"],
    ["email", "jdoe", "invalid_format"],
    ["email", "jdoe@localhost", "invalid_format"],
    ["email", "jd oe@example.com", "invalid_format"],
    ["email", "jdoe@example..com", "invalid_format"],
    ["email", `${"j".repeat(89)}@example.com`, "too_long"],
    ["email", `${"j".repeat(65)}@example.com`, "invalid_format"],
    ["full_name", "John & Jane", "invalid_format"],
    ["full_name", "- '", "invalid_format"],
    ["full_name", "é".repeat(101), "too_long"],
  ] as const)("the %s %j as %s", async ([field, value, code], { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(path, send(method, newUserData({ [field]: value }))));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ pointer: `/${field}`, code }] });
    expect(users.calls).toEqual([]);
  });

  test("bytes that are not UTF-8", async ({ expect }) => {
    const { request, users } = openApp();
    const [before = "", after = ""] = JSON.stringify(newUserData({ full_name: "#" })).split("#");
    const encoder = new TextEncoder();
    const body = Uint8Array.from([...encoder.encode(before), 0xc3, 0x28, 0xff, ...encoder.encode(after)]);
    const response = await request(path, { ...send(method, ""), body });
    expect(await readProblem(response)).toMatchObject({ status: 400 });
    expect(users.calls).toEqual([]);
  });
});

describe("a new user", () => {
  test("needs every field, and each missing one is named at once", async ({ expect }) => {
    const { request, users } = openApp();
    const { code, errors } = await readProblem(await request(USERS, send("POST", {})));
    expect(code).toBe("validation-failed");
    expect(errors).toEqual(
      ["/username", "/email", "/full_name"].map((pointer) => ({
        pointer,
        code: "required",
        detail: "This is required.",
      })),
    );
    expect(users.calls).toEqual([]);
  });

  test("with a missing, a mistyped and an unknown field gets all three problems in one answer", async ({ expect }) => {
    const { request } = openApp();
    const body = { email: 5, full_name: "Grace", role: "admin" };
    const { errors } = await readProblem(await request(USERS, send("POST", body)));
    expect(errors?.map((error) => ("pointer" in error ? `${error.pointer} ${error.code}` : ""))).toEqual([
      "/username required",
      "/email invalid_type",
      "/role unknown",
    ]);
  });

  test.for([
    ["username", "abc"],
    ["username", "a".repeat(50)],
    ["username", "0123456789"],
    ["email", `${"j".repeat(60)}@${"d".repeat(35)}.com`],
    ["email", "o'brien+tag@mail.example.co.uk"],
    ["full_name", "É"],
    ["full_name", "é".repeat(100)],
    ["full_name", "Nguyễn Thị Minh-Khai"],
    ["full_name", "ஸ்ரீனிவாசன்"],
    ["full_name", "𠮷野 家"],
    ...NAMES.map((name) => ["full_name", name]),
  ])("may have the %s %j", async ([field = "", value], { expect }) => {
    const app = createTestApp();
    expect(await createUser(app, { [field]: value })).toMatchObject({ [field]: value });
  });

  test.for(WRITES)("may not have a name that is none: %s %s", async ([method, path], { expect }) => {
    for (const [, fullName] of REFUSED_NAMES) {
      const { request } = openApp();
      const response = await request(path, send(method, { ...newUserData(), full_name: fullName }));
      expect((await readProblem(response)).errors).toMatchObject([{ pointer: "/full_name", code: "invalid_format" }]);
    }
  });

  test("may have an internationalised domain, which is answered with A-labels", async ({ expect }) => {
    const app = createTestApp();
    const user = await createUser(app, { email: "User@B\u00fccher.example" });
    expect(user).toMatchObject({ email: "user@xn--bcher-kva.example" });
    const patched = await app.request(`${USERS}/id/${user.id}`, send("PATCH", { email: "user@例え.テスト" }));
    expect(await readUser(patched)).toMatchObject({ email: "user@xn--r8jz45g.xn--zckzah" });
  });

  test("may start with a byte order mark or be surrounded by spaces, as JSON over UTF-8 allows", async ({ expect }) => {
    const response = await createTestApp().request(USERS, send("POST", `\n  ${JSON.stringify(newUserData())}\r\n`));
    expect(response.status).toBe(201);
  });
});

test("a problem never repeats the values that were refused", async ({ expect }) => {
  const response = await openApp().request(
    USERS,
    send("POST", { username: "s3cr3t!", email: "s3cr3t", full_name: "s3cr3t" }),
  );
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain("s3cr3t");
});
