import { describe, test } from "vitest";

import type { ApiKeyVerifier } from "../../src/auth/api-keys.ts";
import { createAuthenticator } from "../../src/auth/authenticator.ts";
import type { TokenVerifier } from "../../src/auth/token-verifier.ts";
import { AppError } from "../../src/models/errors.ts";
import { ANONYMOUS, type Principal } from "../../src/models/principal.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { refusalOf } from "../support/refusals.ts";
import { expectLittleWork } from "../support/work.ts";

const PROGRAM: Principal = { id: "mobile", scopes: ["users:read", "users:write"] };
const PERSON: Principal = { id: "jwt:0123456789abcdef", scopes: ["users:read"] };

const MISSING = { kind: "missing" };
const WRONG_KEY = { kind: "invalid-api-key" };
const as = (principal: Principal) => ({ kind: "authenticated", principal });
const wrongToken = (reason: string) => ({ kind: "invalid-token", reason });

/** An authenticator that knows the key "key" and the token "token", and what it asked its verifiers. */
function given({ hasKeys = true, hasTokens = true } = {}) {
  const asked: string[] = [];
  const apiKeys: ApiKeyVerifier = {
    async verify(key) {
      asked.push(`key ${key}`);
      return key === "key" ? PROGRAM : null;
    },
  };
  const tokens: TokenVerifier = {
    async verify(token) {
      asked.push(`token ${token}`);
      if (token === "unverifiable") throw new AppError("credentials-unverifiable");
      return token === "token" ? { ok: true, principal: PERSON } : { ok: false, reason: "expired" };
    },
  };
  const { authenticate } = createAuthenticator({
    apiKeys: hasKeys ? apiKeys : null,
    tokens: hasTokens ? tokens : null,
  });
  return {
    asked,
    authenticate: async (apiKey: string | null, authorization: string | null) =>
      await authenticate({ apiKey, authorization, deadline: startDeadline(1_000) }),
  };
}

test.for<[string | null, string | null, object]>([
  [null, null, MISSING],
  ["", "", MISSING],
  ["key", null, as(PROGRAM)],
  ["key", "", as(PROGRAM)],
  [null, "Bearer token", as(PERSON)],
  ["", "Bearer token", as(PERSON)],
  ["guess", null, WRONG_KEY],
  [null, "Bearer old", wrongToken("expired")],
  ["key", "Bearer token", as(PERSON)],
  ["guess", "Bearer token", WRONG_KEY],
  ["key", "Bearer old", wrongToken("expired")],
  ["guess", "Bearer old", WRONG_KEY],
])("key %j with authorization %j: %j", async ([apiKey, authorization, result], { expect }) => {
  expect(await given().authenticate(apiKey, authorization)).toEqual(result);
});

describe("the Authorization header", () => {
  test.for(["Bearer token", "bearer token", "BEARER token", "bEaReR   token"])(
    "may be written %j",
    async (header, { expect }) => {
      const { asked, authenticate } = given();
      expect(await authenticate(null, header)).toEqual(as(PERSON));
      expect(asked).toEqual(["token token"]);
    },
  );

  test.for(["a", "a.b.c", "aZ09-._~+/", "YQ==", "token="])("may carry %j", async (token, { expect }) => {
    const { asked, authenticate } = given();
    await authenticate(null, `Bearer ${token}`);
    expect(asked).toEqual([`token ${token}`]);
  });

  test.for([
    "Bearer",
    "Bearer ",
    "Bearer    ",
    "Bearer token token",
    "Bearer token,Bearer token",
    "Bearer token, Bearer token",
    'Bearer "token"',
    "Bearer =",
    "Bearer to=ken",
    "Bearer token;a",
    "Bearer t\u00f6ken",
    "Bearer \ttoken",
    `Bearer ${" ".repeat(50_000)}!`,
  ])("with a malformed token never reaches the verifier: %j", async (header, { expect }) => {
    const { asked, authenticate } = given();
    await expectLittleWork(expect, async () => {
      expect(await authenticate(null, header)).toEqual(wrongToken("malformed"));
      expect(await authenticate("key", header)).toEqual(wrongToken("malformed"));
    });
    expect(asked).toEqual(["key key"]);
  });

  test.for([
    "Basic dXNlcjpwYXNz",
    "token",
    "Bearertoken",
    "Bearer=token",
    "Digest Bearer token",
    "ApiKey key",
    "DPoP token",
  ])("of another scheme is nobody's bearer token: %j", async (header, { expect }) => {
    const { asked, authenticate } = given();
    expect(await authenticate(null, header)).toEqual(MISSING);
    expect(await authenticate("key", header)).toEqual(as(PROGRAM));
    expect(asked).toEqual(["key key"]);
  });
});

test("a wrong key is refused before a token costs a fetch", async ({ expect }) => {
  const { asked, authenticate } = given();
  expect(await authenticate("guess", "Bearer unverifiable")).toEqual(WRONG_KEY);
  expect(asked).toEqual(["key guess"]);
});

test("a token that cannot be verified is a failure, also beside a right key", async ({ expect }) => {
  const { authenticate } = given();
  expect((await refusalOf(authenticate(null, "Bearer unverifiable"))).code).toBe("credentials-unverifiable");
  expect((await refusalOf(authenticate("key", "Bearer unverifiable"))).code).toBe("credentials-unverifiable");
});

describe("configured with", () => {
  test("keys only, tokens do not matter", async ({ expect }) => {
    const { asked, authenticate } = given({ hasTokens: false });
    for (const header of ["Bearer token", "Bearer old", "Bearer", "Bearer key"]) {
      expect(await authenticate(null, header)).toEqual(MISSING);
      expect(await authenticate("key", header)).toEqual(as(PROGRAM));
      expect(await authenticate("guess", header)).toEqual(WRONG_KEY);
    }
    expect(asked.some((question) => question.startsWith("token"))).toBe(false);
  });

  test("tokens only, keys do not matter", async ({ expect }) => {
    const { asked, authenticate } = given({ hasKeys: false });
    for (const key of ["key", "guess", "token"]) {
      expect(await authenticate(key, null)).toEqual(MISSING);
      expect(await authenticate(key, "Bearer token")).toEqual(as(PERSON));
      expect(await authenticate(key, "Bearer old")).toEqual(wrongToken("expired"));
    }
    expect(asked.some((question) => question.startsWith("key"))).toBe(false);
  });

  test("neither, everybody is admitted as nobody in particular", async ({ expect }) => {
    const { asked, authenticate } = given({ hasKeys: false, hasTokens: false });
    for (const [key, header] of [
      [null, null],
      ["guess", null],
      [null, "Bearer old"],
      ["key", "Bearer token"],
    ] as const) {
      expect(await authenticate(key, header)).toEqual(as(ANONYMOUS));
    }
    expect(asked).toEqual([]);
  });
});
