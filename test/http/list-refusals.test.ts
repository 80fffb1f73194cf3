import { describe, test } from "vitest";

import { createRecordedApp } from "../support/http-fakes.ts";
import { readProblem, USERS } from "../support/http-messages.ts";

const MALFORMED: Readonly<Record<string, readonly string[]>> = {
  sort: [
    "",
    "id",
    "email",
    "CREATED_AT",
    "-CREATED_AT",
    "%2Bcreated_at",
    "+created_at",
    "--created_at",
    "created_at,username",
    "-",
    "toString",
    "created_at%00",
  ],
  username: [
    "",
    "%20",
    "a b",
    "a%20",
    "a_b",
    "a%25",
    "a*",
    "a@b",
    "%C3%A9",
    "%E2%84%AA",
    "a%00",
    "a%0A",
    "%F0%9F%99%82",
    "%FF",
    "a".repeat(51),
    "a'--",
  ],
  email: [
    "",
    "a",
    "@",
    "a@b",
    "a@b.",
    "@example.com",
    "a@@example.com",
    "a b@example.com",
    "a@example.com%20",
    "a@example.com,b@example.com",
    "a@example.1",
    "%C3%A4@example.com",
    "a@ex%E2%80%8B%C3%A4mple.com",
    "a@%C3%A4",
    `${"a".repeat(65)}@example.com`,
    `a@${"b".repeat(60)}.${"c".repeat(60)}.com`,
    "a@example.com%00",
    "A%E2%84%AA@example.com",
  ],
};

const TIMES: readonly string[] = [
  "",
  "now",
  "0",
  "1772366400000",
  "2026",
  "2026-03",
  "2026-03-01",
  "2026-03-01T12:00:00",
  "2026-03-01T12:00Z",
  "2026-03-01 12:00:00Z",
  "2026-03-01t12:00:00z",
  "20260301T120000Z",
  "2026-3-1T12:00:00Z",
  "2026-03-01T12:00:00.Z",
  "2026-03-01T12:00:00,5Z",
  "2026-03-01T12:00:00ZZ",
  "2026-03-01T12:00:00UTC",
  "%202026-03-01T12:00:00Z",
  "2026-03-01T12:00:00Z%00",
  "2026-03-01T12:00:00Z%0A",
  "2026-13-01T12:00:00Z",
  "2026-00-01T12:00:00Z",
  "2026-02-29T12:00:00Z",
  "2026-04-31T12:00:00Z",
  "2026-03-00T12:00:00Z",
  "2026-03-01T24:00:00Z",
  "2026-03-01T12:60:00Z",
  "2016-12-31T23:58:60Z",
  "2016-12-31T22:59:60Z",
  "2016-12-31T23:59:61Z",
  "2016-12-30T23:59:60Z",
  "2016-09-30T23:59:60Z",
  "2016-06-31T23:59:60Z",
  "2016-12-31T23:59:60",
  "2016-12-31T23:60:60Z",
  "2016-12-31T23:59:60.Z",
  "2016-12-31T23:59:60%2B01:00",
  "2017-01-01T00:59:60Z",
  "2017-01-01T00:59:60-01:00",
  "9999-12-31T23:59:60Z",
  "2026-03-01T12:00:00%2B24:00",
  "2026-03-01T12:00:00%2B01:60",
  "2026-03-01T12:00:00%2B01",
  "2026-03-01T12:00:00%2B0100",
  "2026-03-01T13:00:00+01:00",
  "0000-01-01T00:00:00Z",
  "0000-12-31T23:59:59.999Z",
  "0001-01-01T00:00:00%2B00:01",
  "9999-12-31T23:59:59-00:01",
  "10000-01-01T00:00:00Z",
  "%2B010000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "Sun, 01 Mar 2026 12:00:00 GMT",
  "infinity",
  `2026-03-01T12:00:00.${"0".repeat(5_000)}x`,
];

const CASES = [
  ...Object.entries(MALFORMED),
  ["created_after", TIMES] as const,
  ["created_before", TIMES] as const,
].flatMap(([name, values]) => values.map((value) => ({ name, value })));

describe("a list", () => {
  test.for(CASES)("is refused for $name=$value", async ({ name, value }, { expect }) => {
    const { request, users } = createRecordedApp();
    const problem = await readProblem(await request(`${USERS}?${name}=${value}`));
    expect(problem).toMatchObject({ code: "validation-failed", status: 400 });
    expect(problem.errors?.map((error) => "parameter" in error && error.parameter)).toEqual([name]);
    expect(users.calls).toEqual([]);
  });

  test.for(["sort", "username", "email", "created_after", "created_before"])(
    "is refused when %s is repeated, even with the same value",
    async (name, { expect }) => {
      const { request, users } = createRecordedApp();
      const problem = await readProblem(await request(`${USERS}?${name}=a&${name}=a`));
      expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: name, code: "repeated" }] });
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    "Sort",
    "order",
    "username_prefix",
    "Username",
    "full_name",
    "id",
    "created_at",
    "updated_after",
    "filter",
    "filter[username]",
    "created_after[]",
  ])("is refused for the unknown parameter %s", async (name, { expect }) => {
    const problem = await readProblem(await createRecordedApp().request(`${USERS}?${name}=a`));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: name, code: "unknown" }] });
  });

  test("is told all that is wrong with it at once", async ({ expect }) => {
    const query = "limit=0&sort=x&username=-&email=x&created_after=x&created_before=x&other=x";
    const { errors } = await readProblem(await createRecordedApp().request(`${USERS}?${query}`));
    expect(errors?.map((error) => "parameter" in error && error.parameter).toSorted()).toEqual(
      ["limit", "sort", "username", "email", "created_after", "created_before", "other"].toSorted(),
    );
  });

  test.for(["created_after", "created_before"])("says of %s how to write a plus sign", async (name, { expect }) => {
    const { errors } = await readProblem(
      await createRecordedApp().request(`${USERS}?${name}=2026-03-01T13:00:00+01:00`),
    );
    expect(errors?.[0]?.detail).toContain("%2B");
  });

  test("names the orders that there are", async ({ expect }) => {
    const { errors } = await readProblem(await createRecordedApp().request(`${USERS}?sort=id`));
    expect(errors?.[0]?.detail).toMatch(/-created_at, created_at, username, -username/);
  });

  test("repeats no value that it refuses", async ({ expect }) => {
    const query = ["sort", "username", "email", "created_after", "created_before"].map((name) => `${name}=<mallory>`);
    const response = await createRecordedApp().request(`${USERS}?${query.join("&")}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("mallory");
  });

  test.for(["sort=x", "username=-", "created_after=x"])(
    "with a bad cursor too is told of ?%s first",
    async (query, { expect }) => {
      const problem = await readProblem(await createRecordedApp().request(`${USERS}?${query}&cursor=bad`));
      expect(problem.code).toBe("validation-failed");
    },
  );
});
