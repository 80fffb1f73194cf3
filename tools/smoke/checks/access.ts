import type { Check } from "../check.ts";
import { expectAnswer, expectProblem } from "../expectations.ts";
import { USERS } from "../test-users.ts";
import { ABSENT_ID } from "./users-read.ts";

const WRONG_KEY = { "X-API-Key": "smoke-test-with-a-wrong-key" };

/** Few, because deployments limit failed attempts: a release runs these several times a minute. */
export const ACCESS_CHECKS: readonly Check[] = [
  {
    name: "access: a request without credentials is refused with 401 and WWW-Authenticate",
    async run({ client }) {
      const answer = await client.send("GET", `${USERS}/id/${ABSENT_ID}`, { isAnonymous: true });
      expectProblem(answer, 401, "missing-credentials");
      expectAnswer(answer, { status: 401, headers: { "WWW-Authenticate": /./ } });
    },
  },
  {
    name: "access: a wrong API key is refused with 403",
    async run({ client }) {
      const answer = await client.send("GET", `${USERS}/id/${ABSENT_ID}`, { isAnonymous: true, headers: WRONG_KEY });
      expectProblem(answer, 403, "invalid-api-key");
    },
  },
  {
    name: "access: credentials are asked for before Accept and parameters are looked at",
    async run({ client }) {
      const request = { isAnonymous: true, headers: { Accept: "text/html" } };
      expectProblem(await client.send("GET", `${USERS}/id/not-a-uuid`, request), 401, "missing-credentials");
    },
  },
  {
    name: "access: without credentials nothing can be created, changed or deleted",
    mayWrite: true,
    async run({ client, users }) {
      const { id } = await users.sample();
      const target = `${USERS}/id/${id}`;
      const created = await client.send("POST", USERS, { isAnonymous: true, json: users.newInput() });
      expectProblem(created, 401, "missing-credentials");
      const changed = await client.send("PATCH", target, { isAnonymous: true, json: { full_name: "Smoke Intruder" } });
      expectProblem(changed, 401, "missing-credentials");
      expectProblem(await client.send("DELETE", target, { isAnonymous: true }), 401, "missing-credentials");
    },
  },
];
