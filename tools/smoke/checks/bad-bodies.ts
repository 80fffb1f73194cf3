import { type Check, writing } from "../check.ts";
import { expectAnswer, expectProblem, type ExpectedInputError } from "../expectations.ts";
import { USERS } from "../test-users.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const MAX_BODY_BYTES = 64 * 1024;

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Bodies that are no JSON. */
const MALFORMED = [
  { what: "malformed JSON", text: '{"username": ' },
  { what: "an empty body", text: "" },
] as const;

/** One wrong member in an otherwise good user, and how the refusal names it. */
const WRONG_MEMBERS: readonly { readonly what: string; readonly member: object; readonly error: ExpectedInputError }[] =
  [
    { what: "an unknown field", member: { role: "admin" }, error: { pointer: "/role", code: "unknown" } },
    { what: "a number for a text", member: { username: 42 }, error: { pointer: "/username", code: "invalid_type" } },
    { what: "a missing field", member: { email: undefined }, error: { pointer: "/email", code: "required" } },
    { what: "a short username", member: { username: "ab" }, error: { pointer: "/username", code: "too_short" } },
    {
      what: "a long username",
      member: { username: "a".repeat(51) },
      error: { pointer: "/username", code: "too_long" },
    },
    {
      what: "a sign in the username",
      member: { username: "not-ok" },
      error: { pointer: "/username", code: "invalid_format" },
    },
    { what: "a malformed email", member: { email: "nobody" }, error: { pointer: "/email", code: "invalid_format" } },
    { what: "an empty full name", member: { full_name: " " }, error: { pointer: "/full_name", code: "too_short" } },
    {
      what: "a 10,000-character name",
      member: { full_name: "a".repeat(10_000) },
      error: { pointer: "/full_name", code: "too_long" },
    },
    {
      what: "a slash in the full name",
      member: { full_name: "R2/D2" },
      error: { pointer: "/full_name", code: "invalid_format" },
    },
    {
      what: "a NUL byte",
      member: { full_name: "Smoke\u0000Test" },
      error: { pointer: "/full_name", code: "invalid_format" },
    },
    {
      what: "a lone surrogate",
      member: { full_name: "Smoke\uD800" },
      error: { pointer: "/full_name", code: "invalid_format" },
    },
  ];

export const BAD_BODY_CHECKS: readonly Check[] = writing([
  ...MALFORMED.map(
    ({ what, text }) =>
      ({
        name: `bad body: ${what} is refused with 400`,
        async run({ client, users }) {
          const { id } = await users.sample();
          const request = { headers: JSON_TYPE, body: bytes(text) };
          expectProblem(await client.send("POST", USERS, request), 400, "malformed-body");
          expectProblem(await client.send("PATCH", `${USERS}/id/${id}`, request), 400, "malformed-body");
        },
      }) satisfies Check,
  ),
  {
    name: "bad body: a list for an object is refused with 400",
    async run({ client }) {
      expectProblem(await client.send("POST", USERS, { json: [] }), 400, "validation-failed", {
        pointer: "",
        code: "invalid_type",
      });
    },
  },
  ...WRONG_MEMBERS.map(
    ({ what, member, error }) =>
      ({
        name: `bad body: ${what} is refused with 400 and named`,
        async run({ client, users }) {
          const answer = await client.send("POST", USERS, { json: { ...users.newInput(), ...member } });
          expectProblem(answer, 400, "validation-failed", error);
        },
      }) satisfies Check,
  ),
  {
    name: "bad body: an unknown field in a patch is refused with 400",
    async run({ client, users }) {
      const { id } = await users.sample();
      const answer = await client.send("PATCH", `${USERS}/id/${id}`, { json: { created_at: "2026-01-01T00:00:00Z" } });
      expectProblem(answer, 400, "validation-failed", { pointer: "/created_at", code: "unknown" });
    },
  },
  {
    name: "bad body: more than 64 KiB is refused with 413, announced or not",
    async run({ client, users }) {
      const body = bytes(JSON.stringify({ ...users.newInput(), full_name: "a".repeat(MAX_BODY_BYTES) }));
      expectProblem(await client.send("POST", USERS, { headers: JSON_TYPE, body }), 413, "payload-too-large");
      const unannounced = { headers: JSON_TYPE, body: ReadableStream.from([body]) };
      expectProblem(await client.send("POST", USERS, unannounced), 413, "payload-too-large");
    },
  },
  {
    name: "bad body: another or no media type is refused with 415",
    async run({ client, users }) {
      const body = bytes(JSON.stringify(users.newInput()));
      for (const headers of [
        { "Content-Type": "text/plain" },
        { "Content-Type": "application/json; charset=latin1" },
        {},
      ]) {
        expectProblem(await client.send("POST", USERS, { headers, body }), 415, "unsupported-media-type");
      }
    },
  },
  {
    name: "bad body: PATCH of another media type is refused with 415 and Accept-Patch",
    async run({ client, users }) {
      const { id } = await users.sample();
      const request = { headers: { "Content-Type": "application/json-patch+json" }, body: bytes("[]") };
      const answer = await client.send("PATCH", `${USERS}/id/${id}`, request);
      expectProblem(answer, 415, "unsupported-media-type");
      expectAnswer(answer, { status: 415, headers: { "Accept-Patch": /\bapplication\/merge-patch\+json\b/ } });
    },
  },
]);
