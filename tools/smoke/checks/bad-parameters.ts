import type { Check } from "../check.ts";
import { expectAnswer, expectProblem, expectTrue, type ExpectedInputError, memberOf } from "../expectations.ts";
import { USERS } from "../test-users.ts";
import { ABSENT_ID } from "./users-read.ts";

/** Requests that only read, and how the refusal names the wrong parameter. */
const WRONG: readonly { readonly what: string; readonly target: string; readonly error: ExpectedInputError }[] = [
  { what: "a malformed id", target: "/id/not-a-uuid", error: { parameter: "id", code: "invalid_format" } },
  { what: "an id with a tail", target: `/id/${ABSENT_ID}0`, error: { parameter: "id", code: "invalid_format" } },
  {
    what: "a sign in the username",
    target: "/username/not-ok",
    error: { parameter: "username", code: "invalid_format" },
  },
  {
    what: "an encoded slash in the username",
    target: "/username/..%2Fid",
    error: { parameter: "username", code: "invalid_format" },
  },
  {
    what: "a NUL byte in the username",
    target: "/username/abc%00",
    error: { parameter: "username", code: "invalid_format" },
  },
  {
    what: "a query where none is known",
    target: `/id/${ABSENT_ID}?verbose=1`,
    error: { parameter: "verbose", code: "unknown" },
  },
  { what: "an unknown parameter", target: "?nonsense=1", error: { parameter: "nonsense", code: "unknown" } },
  { what: "a repeated parameter", target: "?limit=1&limit=2", error: { parameter: "limit", code: "repeated" } },
  { what: "limit 0", target: "?limit=0", error: { parameter: "limit", code: "out_of_range" } },
  { what: "limit 101", target: "?limit=101", error: { parameter: "limit", code: "out_of_range" } },
  { what: "a word for limit", target: "?limit=all", error: { parameter: "limit", code: "invalid_format" } },
];

export const BAD_PARAMETER_CHECKS: readonly Check[] = [
  ...WRONG.map(
    ({ what, target, error }) =>
      ({
        name: `bad parameter: ${what} is refused with 400 and named`,
        async run({ client }) {
          expectProblem(await client.send("GET", `${USERS}${target}`), 400, "validation-failed", error);
        },
      }) satisfies Check,
  ),
  {
    name: "bad parameter: PATCH and DELETE of a malformed id are refused with 400",
    mayWrite: true,
    async run({ client }) {
      const error = { parameter: "id", code: "invalid_format" };
      const patched = await client.send("PATCH", `${USERS}/id/not-a-uuid`, { json: {} });
      expectProblem(patched, 400, "validation-failed", error);
      expectProblem(await client.send("DELETE", `${USERS}/id/not-a-uuid`), 400, "validation-failed", error);
    },
  },
  {
    name: "bad parameter: a query on POST and DELETE is refused with 400",
    mayWrite: true,
    async run({ client, users }) {
      const error = { parameter: "dry_run", code: "unknown" };
      const created = await client.send("POST", `${USERS}?dry_run=1`, { json: users.newInput() });
      expectProblem(created, 400, "validation-failed", error);
      expectProblem(await client.send("DELETE", `${USERS}/id/${ABSENT_ID}?dry_run=1`), 400, "validation-failed", error);
    },
  },
  {
    name: "bad parameter: a cursor that nobody gave out is refused with 400",
    async run({ client }) {
      for (const cursor of ["nonsense", "", "%00", "a".repeat(2_000)]) {
        expectProblem(await client.send("GET", `${USERS}?cursor=${cursor}`), 400, "invalid-cursor");
      }
    },
  },
  {
    name: "bad parameter: a tampered cursor is refused with 400",
    mayWrite: true,
    async run({ client, users }) {
      await users.create();
      await users.create();
      const page = await client.send("GET", `${USERS}?limit=1`);
      expectAnswer(page, { status: 200 });
      const cursor = String(memberOf(page.json, "next_cursor"));
      expectTrue("a cursor of some length", cursor.length > 8);
      // The first character belongs to a whole byte, unlike the last one, whose low bits may be padding.
      const tampered = (cursor.startsWith("A") ? "B" : "A") + cursor.slice(1);
      expectProblem(await client.send("GET", `${USERS}?cursor=${tampered}`), 400, "invalid-cursor");
    },
  },
];
