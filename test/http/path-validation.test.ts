import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const user = buildUser();
const openApp = () => createRecordedApp({ users: createFakeUserRepository([user]) });
const initOf = (method: string): RequestInit => (method === "PATCH" ? send(method, newUserData()) : { method });

/** Segments that reach the route as they are and can be neither a UUID nor a username. */
const HOSTILE_SEGMENTS = [
  "%00",
  "%00%00%00%00",
  "a%00b",
  "%0d%0aX-Injected:%201",
  "%F0%9F%99%82%F0%9F%99%82%F0%9F%99%82",
  "%E2%80%AE%E2%80%AE%E2%80%AE",
  "%ff%fe%fd",
  "%E0%A4%A",
  "%zz%zz",
  "%",
  "%25%30%30",
  "%252e%252e",
  "a%2Fb",
  "..%2F..%2Fhealth",
  "..%5c..%5c",
  "%2e%2e%2f%2e%2e%2fready",
  ":id",
  "{id}",
  "*",
  "'%20OR%20'1'='1",
  "%3Cscript%3E",
  "null%20",
  "a;b=c",
  "x".repeat(10_000),
  "%41".repeat(5_000),
];

const MALFORMED_IDS = [
  ...HOSTILE_SEGMENTS,
  "1",
  "undefined",
  ABSENT_ID.slice(1),
  `${ABSENT_ID}0`,
  ABSENT_ID.replaceAll("-", ""),
  ABSENT_ID.replace("-", "_"),
  `{${ABSENT_ID}}`,
  `urn:uuid:${ABSENT_ID}`,
  ABSENT_ID.replace("0", "g"),
  ABSENT_ID.replace("0", "%EF%BC%90"),
  `%20${ABSENT_ID}`,
  `${ABSENT_ID}%0A`,
  `${ABSENT_ID}%00`,
  `${ABSENT_ID},${ABSENT_ID}`,
];

describe.for(["GET", "PATCH", "DELETE"])("%s by id", (method) => {
  test.for(MALFORMED_IDS)(
    "refuses the malformed id %j before it reaches the repository",
    async (segment, { expect }) => {
      const { request, users } = openApp();
      const problem = await readProblem(await request(`${USERS}/id/${segment}`, initOf(method)));
      expect(problem).toMatchObject({ code: "validation-failed", status: 400 });
      expect(problem.errors).toEqual([expect.objectContaining({ parameter: "id", code: "invalid_format" })]);
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "01932f2e-9d5a-1c31-b3f4-2f6f3c9d8a10",
    "01932f2e-9d5a-4c31-b3f4-2f6f3c9d8a10",
    "01932F2E-9D5A-FC31-03F4-2F6F3C9D8A10",
    "%3001932f2-9d5a-7c31-b3f4-2f6f3c9d8a10",
  ])("takes %s as well-formed, whatever its version and variant", async (id, { expect }) => {
    const response = await openApp().request(`${USERS}/id/${id}`, initOf(method));
    if (method === "DELETE") expect(response.status).toBe(204);
    else expect(await readProblem(response)).toMatchObject({ code: "user-not-found", status: 404 });
  });
});

describe("GET by username", () => {
  test.for([
    ...HOSTILE_SEGMENTS,
    "ab",
    "a".repeat(51),
    "j_doe",
    "jdo%C3%A9",
    "%E2%84%AAelvin",
    "jdoe%20",
    "j%20doe",
    "j.doe",
    "j@b.io",
  ])("refuses the malformed username %j before it reaches the repository", async (segment, { expect }) => {
    const { request, users } = openApp();
    const problem = await readProblem(await request(`${USERS}/username/${segment}`));
    expect(problem).toMatchObject({ code: "validation-failed", status: 400 });
    for (const error of problem.errors ?? []) expect(error).toMatchObject({ parameter: "username" });
    expect(users.calls).toEqual([]);
  });

  test.for(["abc", "a".repeat(50), "constructor", "null", "undefined", "123"])(
    "looks for %s",
    async (username, { expect }) => {
      const problem = await readProblem(await openApp().request(`${USERS}/username/${username}`));
      expect(problem).toMatchObject({ code: "user-not-found", status: 404 });
    },
  );
});

describe("a problem's instance", () => {
  test.for([
    `${USERS}/username/a%00b`,
    `${USERS}/username/a%20b`,
    `${USERS}/username/%F0%9F%99%82abc`,
    `${USERS}/username/%3Cscript%3E`,
    `${USERS}/username/100%25sure`,
    "/nowhere/%C3%A9",
  ])("is the path as it was sent, a valid URI reference: %s", async (path, { expect }) => {
    const { instance } = await readProblem(await openApp().request(path));
    expect(instance).toBe(path);
  });
});

describe("dots in a path", () => {
  test.for([
    [`${USERS}/id/%2e%2e`, "route-not-found"],
    [`${USERS}/id/..`, "route-not-found"],
    [`${USERS}/id/.`, "route-not-found"],
    [`${USERS}/id/%2e%2e/%2e%2e/admin`, "route-not-found"],
    ["/problems/%2e%2e/nowhere", "route-not-found"],
  ] as const)("lead nowhere: %s", async ([path, code], { expect }) => {
    const { request, users } = openApp();
    expect(await readProblem(await request(path))).toMatchObject({ code, status: 404 });
    expect(users.calls).toEqual([]);
  });
});
