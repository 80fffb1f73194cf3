import { type Check, writing } from "../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../expectations.ts";
import { readUser, USERS } from "../test-users.ts";
import { TIMESTAMP } from "./health.ts";

/** Quoted, and without the W/ of a weak one. */
const STRONG_ETAG = /^"[\x21\x23-\x7e]+"$/;

/** Without `no-transform` the edge would compress the answer, and weaken its tag. */
export const TAGGED_HEADERS = { "Cache-Control": "private, no-cache, no-transform", ETag: STRONG_ETAG };

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const USER_CREATE_CHECKS: readonly Check[] = writing([
  {
    name: "create: POST answers 201 with the user, its Location and a strong ETag",
    async run({ client, users }) {
      const input = users.newInput();
      const answer = await client.send("POST", USERS, { json: input });
      const headers = { "Content-Type": "application/json", ...TAGGED_HEADERS };
      expectAnswer(answer, { status: 201, headers });
      const { id, created_at, updated_at, ...stored } = readUser(answer);
      expectTrue(`id ${id} to be a UUID version 7`, UUID_V7.test(id));
      expectTrue("timestamps in RFC 3339, UTC", TIMESTAMP.test(created_at) && TIMESTAMP.test(updated_at));
      expectEqual("stored", stored, input);
      expectAnswer(answer, { status: 201, headers: { Location: `${USERS}/id/${id}` } });
    },
  },
  {
    name: "create: upper case, surrounding spaces and decomposed letters are normalised",
    async run({ users }) {
      const { username, email } = users.newInput();
      const raw = {
        username: username.toUpperCase(),
        email: email.toUpperCase(),
        full_name: "  Zoe\u0308 O'Neil-Müller  ",
      };
      const user = await users.create(raw);
      expectEqual("username", user.username, username);
      expectEqual("email", user.email, email);
      expectEqual("full_name", user.full_name, "Zoë O'Neil-Müller");
    },
  },
  {
    name: "create: a taken username is refused with 409, whatever its case",
    async run({ client, users }) {
      const { username } = await users.sample();
      const answer = await client.send("POST", USERS, { json: users.newInput({ username: username.toUpperCase() }) });
      expectProblem(answer, 409, "username-taken");
    },
  },
  {
    name: "create: a taken email is refused with 409, whatever its case",
    async run({ client, users }) {
      const { email } = await users.sample();
      const answer = await client.send("POST", USERS, { json: users.newInput({ email: email.toUpperCase() }) });
      expectProblem(answer, 409, "email-taken");
    },
  },
]);
