import { type Check, writing } from "../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../expectations.ts";
import { readUser, USERS } from "../test-users.ts";
import { TAGGED_HEADERS } from "./users-create.ts";
import { ABSENT_ID } from "./users-read.ts";

const MERGE_PATCH = { "Content-Type": "application/merge-patch+json" };

export const USER_CHANGE_CHECKS: readonly Check[] = writing([
  {
    name: "change: PATCH changes the given field, keeps the others and gives a new ETag",
    async run({ client, users }) {
      const { updated_at: before, ...user } = await users.create();
      const target = `${USERS}/id/${user.id}`;
      const { headers } = await client.send("GET", target);
      const answer = await client.send("PATCH", target, { json: { full_name: "Smoke Changed" }, headers: MERGE_PATCH });
      expectAnswer(answer, { status: 200, headers: TAGGED_HEADERS });
      const { updated_at: after, ...changed } = readUser(answer);
      expectEqual("user after the change", changed, { ...user, full_name: "Smoke Changed" });
      expectTrue("updated_at to go forward", Date.parse(after) > Date.parse(before));
      expectTrue("another ETag", answer.headers.get("ETag") !== headers.get("ETag"));
      expectEqual("user read again", readUser(await client.send("GET", target)), { ...changed, updated_at: after });
    },
  },
  {
    name: "change: PATCH takes application/json and normalises what it stores",
    async run({ client, users }) {
      const { id } = await users.create();
      const { username, email } = users.newInput();
      const patch = { username: username.toUpperCase(), email: email.toUpperCase() };
      const answer = await client.send("PATCH", `${USERS}/id/${id}`, { json: patch });
      expectAnswer(answer, { status: 200 });
      const changed = readUser(answer);
      expectEqual("changed", { username: changed.username, email: changed.email }, { username, email });
    },
  },
  {
    name: "change: an empty patch returns the user unchanged",
    async run({ client, users }) {
      const user = await users.create();
      const before = await client.send("GET", `${USERS}/id/${user.id}`);
      const answer = await client.send("PATCH", `${USERS}/id/${user.id}`, { json: {}, headers: MERGE_PATCH });
      expectAnswer(answer, { status: 200, headers: { ETag: before.headers.get("ETag") } });
      expectEqual("user", readUser(answer), user);
    },
  },
  {
    name: "change: a taken username and a taken email are refused with 409",
    async run({ client, users }) {
      const { username, email } = await users.sample();
      const { id } = await users.create();
      expectProblem(await client.send("PATCH", `${USERS}/id/${id}`, { json: { username } }), 409, "username-taken");
      expectProblem(await client.send("PATCH", `${USERS}/id/${id}`, { json: { email } }), 409, "email-taken");
    },
  },
  {
    name: "change: null cannot remove a field and is refused with 400",
    async run({ client, users }) {
      const { id } = await users.sample();
      const answer = await client.send("PATCH", `${USERS}/id/${id}`, { json: { email: null }, headers: MERGE_PATCH });
      expectProblem(answer, 400, "validation-failed", { pointer: "/email", code: "invalid_type" });
    },
  },
  {
    name: "change: PATCH of an absent id is refused with 404",
    async run({ client }) {
      const answer = await client.send("PATCH", `${USERS}/id/${ABSENT_ID}`, { json: { full_name: "Smoke Test" } });
      expectProblem(answer, 404, "user-not-found");
    },
  },
  {
    name: "delete: DELETE answers 204, again 204, and the user is gone",
    async run({ client, users }) {
      const { id, username } = await users.create();
      for (const attempt of ["first", "second"]) {
        const answer = await client.send("DELETE", `${USERS}/id/${id}`);
        expectAnswer(answer, { status: 204, headers: { "Content-Type": null } });
        expectEqual(`body of the ${attempt} answer`, answer.text, "");
      }
      expectProblem(await client.send("GET", `${USERS}/id/${id}`), 404, "user-not-found");
      expectProblem(await client.send("GET", `${USERS}/username/${username}`), 404, "user-not-found");
    },
  },
  {
    name: "delete: DELETE of an absent id answers 204",
    async run({ client }) {
      expectAnswer(await client.send("DELETE", `${USERS}/id/${ABSENT_ID}`), { status: 204 });
    },
  },
]);
