import { describe, test } from "vitest";

import type { ProblemCode } from "../../src/http/problem-registry.ts";
import type { GateRefusal } from "../../src/resilience/gate.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp, limitTo, sha256Hex } from "../support/http-fakes.ts";
import { newUserData, readProblem, USERS } from "../support/http-messages.ts";
import { type TestAppOptions } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

/** A request in the making. */
interface Draft {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: string;
  options: TestAppOptions;
}

interface Rule {
  readonly code: ProblemCode;
  /** Makes a draft break this rule and no other. */
  readonly breakIt: (draft: Draft) => void;
}

const taken = buildUser({ username: "taken" });
const KEYS = [
  { id: "full", sha256: await sha256Hex("full"), scopes: ["users:read", "users:write"] as const },
  { id: "reader", sha256: await sha256Hex("reader"), scopes: ["users:read"] as const },
];

const tooLarge = (draft: Draft): void => {
  draft.body += " ".repeat(64 * 1024);
};

/** The database takes no request now. */
function refusesAll(code: GateRefusal): Rule {
  return { code, breakIt: (draft) => void (draft.options = { ...draft.options, database: { refusal: () => code } }) };
}

const AUTHENTICATION: readonly Rule[] = [
  { code: "missing-credentials", breakIt: ({ headers }) => void delete headers["X-API-Key"] },
  { code: "invalid-api-key", breakIt: ({ headers }) => void (headers["X-API-Key"] = "wrong") },
  { code: "insufficient-scope", breakIt: ({ headers }) => void (headers["X-API-Key"] = "reader") },
];

/** DESIGN section 4 in its order. Rules that exclude each other, such as no key and a wrong key, share a step. */
const STEPS: readonly (readonly Rule[])[] = [
  [
    { code: "route-not-found", breakIt: (draft) => void (draft.path = "/api/v1/userz") },
    { code: "method-not-allowed", breakIt: (draft) => void (draft.method = "PUT") },
  ],
  [refusesAll("database-unavailable"), refusesAll("overloaded")],
  AUTHENTICATION,
  [
    {
      code: "quota-exceeded",
      breakIt: (draft) => void (draft.options = { ...draft.options, callerLimiter: limitTo(0) }),
    },
  ],
  [{ code: "not-acceptable", breakIt: ({ headers }) => void (headers["Accept"] = "text/html") }],
  [{ code: "unsupported-media-type", breakIt: ({ headers }) => void (headers["Content-Type"] = "text/plain") }],
  [{ code: "payload-too-large", breakIt: tooLarge }],
  [
    { code: "malformed-body", breakIt: (draft) => void (draft.body = `{${draft.body}`) },
    { code: "validation-failed", breakIt: (draft) => void (draft.path += "?unknown=1") },
  ],
];

const PAIRS = STEPS.flatMap((step, place) =>
  step.flatMap((first) => STEPS.slice(place + 1).flatMap((later) => later.map((second) => ({ first, second })))),
);

const OPERATIONS = [
  {
    name: "create",
    draft: { path: USERS, method: "POST", body: newUserData({ username: "taken" }) },
    refusal: "username-taken",
  },
  {
    name: "update",
    draft: { path: `${USERS}/id/${ABSENT_ID}`, method: "PATCH", body: { full_name: "Nobody" } },
    refusal: "user-not-found",
  },
] as const;

describe.for(OPERATIONS)("the operation $name, which would be refused at last by $refusal,", ({ draft, refusal }) => {
  const ask = async (...rules: readonly Rule[]) => {
    const request: Draft = {
      path: draft.path,
      method: draft.method,
      body: JSON.stringify(draft.body),
      headers: { "X-API-Key": "full", "Content-Type": "application/json" },
      options: { entries: KEYS, users: createFakeUserRepository([taken]) },
    };
    for (const rule of rules) rule.breakIt(request);
    const { path, options, ...init } = request;
    const app = createRecordedApp(options);
    return { problem: await readProblem(await app.request(path, init)), calls: app.users.calls };
  };

  test("is refused by it when nothing else is wrong", async ({ expect }) => {
    const { problem, calls } = await ask();
    expect(problem.code).toBe(refusal);
    expect(calls).toHaveLength(1);
  });

  test.for(STEPS.flat())("is refused before that by $code", async (rule, { expect }) => {
    const { problem, calls } = await ask(rule);
    expect(problem.code).toBe(rule.code);
    expect(calls).toEqual([]);
  });

  test.for(PAIRS)("is refused by $first.code before $second.code", async ({ first, second }, { expect }) => {
    // The later rule is broken first, so that the earlier one has the last word on what they share.
    const { problem, calls } = await ask(second, first);
    expect(problem.code).toBe(first.code);
    expect(calls).toEqual([]);
  });

  test("that breaks every rule at once is refused by each in turn as the earlier ones are mended", async ({
    expect,
  }) => {
    for (let place = 0; place < STEPS.length; place++) {
      const broken = STEPS.slice(place).flatMap((step) => step.slice(0, 1));
      const { problem } = await ask(...broken.toReversed());
      expect(problem.code).toBe(broken[0]?.code);
    }
  });
});

describe("operations without a body", () => {
  test.for([
    ["GET", `${USERS}/id/nonsense`],
    ["DELETE", `${USERS}/id/nonsense`],
    ["GET", `${USERS}/username/x`],
    ["GET", `${USERS}?limit=0`],
    ["GET", `${USERS}?cursor=bad`],
  ] as const)("%s %s: credentials, then limit, then Accept, then parameters", async ([method, path], { expect }) => {
    const ask = async (headers: Record<string, string>, limit = 9) => {
      const app = createRecordedApp({ entries: KEYS, callerLimiter: limitTo(limit) });
      return (await readProblem(await app.request(path, { method, headers: { ...headers } }))).status;
    };
    const accept = { Accept: "text/html" };
    const key = { "X-API-Key": "full" };
    expect(await ask(accept, 0)).toBe(401);
    expect(await ask({ ...accept, "X-API-Key": "wrong" }, 0)).toBe(403);
    expect(await ask({ ...accept, ...key }, 0)).toBe(429);
    expect(await ask({ ...accept, ...key })).toBe(406);
    expect(await ask(key)).toBe(400);
  });
});
