import { describe, test } from "vitest";

import { createFakeWebhookRepository } from "../support/fake-webhook-repository.ts";
import { WEBHOOK_OPERATIONS } from "../support/http-contract.ts";
import { acceptTokens, limitTo, sha256Hex } from "../support/http-fakes.ts";
import { readProblem, send } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

const ADMITTED = [200, 201, 204, 404];
const ENTRIES = [
  { id: "hooks", sha256: await sha256Hex("hooks"), scopes: ["webhooks:write"] },
  { id: "users", sha256: await sha256Hex("users"), scopes: ["users:read", "users:write"] },
] as const;

type Operation = (typeof WEBHOOK_OPERATIONS)[number];

function toInit(operation: Operation, headers: Record<string, string> = {}): RequestInit {
  const body = "body" in operation ? operation.body : undefined;
  return body === undefined ? { method: operation.method, headers } : send(operation.method, body, headers);
}

describe.for(WEBHOOK_OPERATIONS)("the operation $name of webhooks", (operation) => {
  test("needs a key or token, and the scope webhooks:write", async ({ expect }) => {
    const tokens = acceptTokens({
      right: { id: "jwt:1", scopes: ["webhooks:write"] },
      other: { id: "jwt:2", scopes: ["users:write"] },
    });
    const { request } = createTestApp({ entries: ENTRIES, tokens });
    const ask = (headers: Record<string, string> = {}) => request(operation.path, toInit(operation, headers));
    expect((await readProblem(await ask())).code).toBe("missing-credentials");
    expect((await readProblem(await ask({ "X-API-Key": "wrong" }))).code).toBe("invalid-api-key");
    expect((await readProblem(await ask({ Authorization: "Bearer wrong" }))).code).toBe("invalid-token");
    for (const headers of [{ "X-API-Key": "users" }, { Authorization: "Bearer other" }]) {
      const problem = await readProblem(await ask(headers));
      expect(problem).toMatchObject({ code: "insufficient-scope", status: 403 });
      expect(problem.detail).toContain("webhooks:write");
    }
    expect(ADMITTED).toContain((await ask({ "X-API-Key": "hooks" })).status);
    expect(ADMITTED).toContain((await ask({ Authorization: "Bearer right" })).status);
  });

  test("counts against the caller's quota, before anything is asked of the database", async ({ expect }) => {
    const callerLimiter = limitTo(1);
    const { request } = createTestApp({ entries: ENTRIES, callerLimiter, webhooks: createFakeWebhookRepository() });
    const ask = () => request(operation.path, toInit(operation, { "X-API-Key": "hooks" }));
    expect(ADMITTED).toContain((await ask()).status);
    expect((await readProblem(await ask())).code).toBe("quota-exceeded");
  });

  test("answers JSON only, and knows no query parameters but its own", async ({ expect }) => {
    const { request } = createTestApp();
    const refused = await request(operation.path, toInit(operation, { Accept: "text/html" }));
    expect((await readProblem(refused)).code).toBe("not-acceptable");
    const problem = await readProblem(await request(`${operation.path}?verbose=1`, toInit(operation)));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: "verbose", code: "unknown" }] });
  });
});
