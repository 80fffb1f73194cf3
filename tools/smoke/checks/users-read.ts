import type { Check } from "../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../expectations.ts";
import { readUser, USERS } from "../test-users.ts";
import { TAGGED_HEADERS } from "./users-create.ts";

/** Well-formed, and nobody's: the service makes ids of version 7 only. */
export const ABSENT_ID = "00000000-0000-4000-8000-000000000000";
const ABSENT_USERNAME = "smoke00000000000000000000000000nobody";

const USER_HEADERS = { "Content-Type": "application/json", ...TAGGED_HEADERS };

export const USER_READ_CHECKS: readonly Check[] = [
  {
    name: "read: GET by id answers 200 with the user",
    async run({ client, users }) {
      const user = await users.sample();
      const answer = await client.send("GET", `${USERS}/id/${user.id}`);
      expectAnswer(answer, { status: 200, headers: USER_HEADERS });
      expectTrue("the same user as before", isSame(readUser(answer), user));
    },
  },
  {
    name: "read: GET by id takes the id in upper case",
    async run({ client, users }) {
      const user = await users.sample();
      const answer = await client.send("GET", `${USERS}/id/${user.id.toUpperCase()}`);
      expectAnswer(answer, { status: 200 });
      expectEqual("id", readUser(answer).id, user.id);
    },
  },
  {
    name: "read: GET by username answers 200 with the user, whatever the case",
    async run({ client, users }) {
      const user = await users.sample();
      for (const username of [user.username, user.username.toUpperCase()]) {
        const answer = await client.send("GET", `${USERS}/username/${username}`);
        expectAnswer(answer, { status: 200, headers: USER_HEADERS });
        expectEqual("id", readUser(answer).id, user.id);
      }
    },
  },
  {
    name: "read: both ways to a user give the same ETag",
    async run({ client, users }) {
      const { id, username } = await users.sample();
      const byId = await client.send("GET", `${USERS}/id/${id}`);
      const byUsername = await client.send("GET", `${USERS}/username/${username}`);
      expectEqual("ETag", byUsername.headers.get("ETag"), byId.headers.get("ETag"));
    },
  },
  {
    name: "read: HEAD mirrors GET without a body",
    async run({ client, users }) {
      const { id } = await users.sample();
      const get = await client.send("GET", `${USERS}/id/${id}`);
      const head = await client.send("HEAD", `${USERS}/id/${id}`);
      expectAnswer(head, { status: 200, headers: { ...USER_HEADERS, ETag: get.headers.get("ETag") } });
      expectEqual("length of the body", head.text.length, 0);
    },
  },
  {
    name: "read: an absent id is refused with 404",
    async run({ client }) {
      expectProblem(await client.send("GET", `${USERS}/id/${ABSENT_ID}`), 404, "user-not-found");
    },
  },
  {
    name: "read: an absent username is refused with 404",
    async run({ client }) {
      expectProblem(await client.send("GET", `${USERS}/username/${ABSENT_USERNAME}`), 404, "user-not-found");
    },
  },
  {
    name: "read: HEAD of an absent id answers 404 without a body",
    async run({ client }) {
      const answer = await client.send("HEAD", `${USERS}/id/${ABSENT_ID}`);
      expectAnswer(answer, { status: 404, headers: { "Content-Type": "application/problem+json" } });
      expectEqual("length of the body", answer.text.length, 0);
    },
  },
];

/** Compared without showing either: on a live deployment this may be a person. */
function isSame(left: object, right: object): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
