import { randomUUID } from "node:crypto";

import { type Check, writing } from "../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../expectations.ts";
import { readUser, USERS } from "../test-users.ts";
import { TAGGED_HEADERS } from "./users-create.ts";

/** Conditional requests and idempotency keys: what lets a client repeat a request without harm. */
export const REPEAT_CHECKS: readonly Check[] = [
  {
    name: "repeat: If-None-Match with the current ETag is answered with 304 and no body",
    async run({ client, users }) {
      const { id } = await users.sample();
      const { headers } = await client.send("GET", `${USERS}/id/${id}`);
      const tag = headers.get("ETag") ?? "";
      for (const value of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
        const answer = await client.send("GET", `${USERS}/id/${id}`, { headers: { "If-None-Match": value } });
        expectAnswer(answer, { status: 304, headers: { ...TAGGED_HEADERS, ETag: tag } });
      }
      const other = await client.send("GET", `${USERS}/id/${id}`, { headers: { "If-None-Match": '"other"' } });
      expectAnswer(other, { status: 200, headers: { ETag: tag } });
    },
  },
  ...writing([
    {
      name: "repeat: If-Match with a stale ETag is refused with 412 and changes nothing",
      async run({ client, users }) {
        const { id } = await users.create();
        const target = `${USERS}/id/${id}`;
        const tag = (await client.send("GET", target)).headers.get("ETag") ?? "";
        const change = (name: string) =>
          client.send("PATCH", target, { json: { full_name: name }, headers: { "If-Match": tag } });
        expectAnswer(await change("Smoke First"), { status: 200 });
        expectProblem(await change("Smoke Second"), 412, "precondition-failed");
        const removal = await client.send("DELETE", target, { headers: { "If-Match": tag } });
        expectProblem(removal, 412, "precondition-failed");
        expectEqual("full_name", readUser(await client.send("GET", target)).full_name, "Smoke First");
      },
    },
    {
      name: "repeat: the same Idempotency-Key repeats the answer, for another payload it is refused with 422",
      async run({ client, users }) {
        const headers = { "Idempotency-Key": `"${randomUUID()}"` };
        const input = users.newInput();
        const first = await client.send("POST", USERS, { json: input, headers });
        expectAnswer(first, { status: 201, headers: { "Idempotent-Replayed": null } });
        const second = await client.send("POST", USERS, { json: input, headers });
        const location = first.headers.get("Location");
        expectAnswer(second, { status: 201, headers: { "Idempotent-Replayed": "true", Location: location } });
        expectTrue("the same user twice", readUser(first).id === readUser(second).id);
        const other = await client.send("POST", USERS, { json: users.newInput(), headers });
        expectProblem(other, 422, "idempotency-key-reused");
      },
    },
  ]),
];
