import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { describe, test } from "vitest";

import { createJwksCache, JWKS_LIMITS } from "../../src/auth/jwks.ts";
import { createTokenVerifier, type TokenRefusal } from "../../src/auth/token-verifier.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { ALGORITHMS, createIssuer, type Algorithm, type Issuer, type TokenContent } from "../support/issuer.ts";
import { refusalOf } from "../support/refusals.ts";

/** A verifier and its issuer, on a clock that the test moves. */
async function given(algorithm?: Algorithm) {
  const time = { now: 1_750_000_000_000 };
  const clock = () => time.now;
  const provider = await createIssuer({ clock, ...(algorithm === undefined ? {} : { algorithm }) });
  const keys = createJwksCache({
    url: "https://issuer.test/jwks.json",
    fetch: () => provider.fetch(),
    clock,
    onFailure: () => {},
  });
  const { issuer, audience } = provider;
  const { verify } = createTokenVerifier({ issuer, audience, keys, clock });
  const verifyToken = (token: string) => verify(token, startDeadline(5_000));
  return {
    time,
    provider,
    verify: verifyToken,
    verifyMinted: async (content?: TokenContent) => await verifyToken(await provider.mint(content)),
    seconds: () => Math.floor(time.now / 1_000),
  };
}

const refused = (reason: TokenRefusal) => ({ ok: false, reason });
const ID = /^jwt:[0-9a-f]{16}$/;

const toSegment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The three parts of a token, one of them replaced. */
function withPart(token: string, place: 0 | 1 | 2, change: (part: string) => string): string {
  return token
    .split(".")
    .map((part, i) => (i === place ? change(part) : part))
    .join(".");
}

describe("a valid token", () => {
  test.for(ALGORITHMS)(
    "signed with %s is its subject's, with the scopes that it grants",
    async (algorithm, { expect }) => {
      const { verifyMinted } = await given(algorithm);
      expect(await verifyMinted()).toEqual({
        ok: true,
        principal: { id: expect.stringMatching(ID), scopes: ["users:read", "users:write"] },
      });
    },
  );

  test("may be typed as a JWT, as an access token, in any case, or not at all", async ({ expect }) => {
    const { verifyMinted } = await given();
    for (const typ of ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt", undefined]) {
      expect(await verifyMinted({ header: { typ } })).toMatchObject({ ok: true });
    }
  });

  test("may be for several audiences, and need not name its key while there is one", async ({ expect }) => {
    const { verifyMinted } = await given();
    expect(await verifyMinted({ claims: { aud: ["other", "users-api"] } })).toMatchObject({ ok: true });
    expect(await verifyMinted({ header: { kid: undefined } })).toMatchObject({ ok: true });
  });

  test("many at once, before any key was ever fetched, are each told apart", async ({ expect }) => {
    const { provider, verify } = await given();
    const tokens = await Promise.all(
      Array.from({ length: 30 }, (_, i) => provider.mint({ claims: { sub: `s${i % 3}` } })),
    );
    const verdicts = await Promise.all(tokens.map(verify));
    expect(new Set(verdicts.map((verdict) => verdict.ok && verdict.principal.id)).size).toBe(3);
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
  });
});

describe("a principal's id", () => {
  test("is the same for every token of a subject, another for another, and says nothing about it", async ({
    expect,
  }) => {
    const { provider, verify } = await given();
    const idOf = async (sub: string) => {
      const verdict = await verify(await provider.mint({ claims: { sub, exp: 2_000_000_000 + Math.random() } }));
      return verdict.ok ? verdict.principal.id : "refused";
    };
    const ids = [await idOf("jane@example.com"), await idOf("jane@example.com"), await idOf("john@example.com")];
    expect(ids[0]).toMatch(ID);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(await idOf("x".repeat(255))).toMatch(ID);
  });

  test("stays what it is: limits and idempotency keys hang on it", async ({ expect }) => {
    const { verifyMinted } = await given();
    // The first 16 digits of: printf '["https://issuer.test/","user-1"]' | sha256sum
    expect(await verifyMinted()).toMatchObject({ principal: { id: "jwt:5b5921a99b861bc9" } });
  });
});

describe("scopes", () => {
  const READ = ["users:read"];
  const BOTH = ["users:read", "users:write"];
  test.for<[string, Record<string, unknown>, readonly string[]]>([
    ["in scope", { scope: "users:read" }, READ],
    ["in any order, once each", { scope: "users:write users:read users:read" }, BOTH],
    ["beside unknown ones", { scope: "openid users:read profile" }, READ],
    ["in scp as a list", { scope: undefined, scp: ["users:read", "other"] }, READ],
    ["in scp as a text", { scope: undefined, scp: "users:write users:read" }, BOTH],
    ["in both: scope counts", { scope: "users:read", scp: BOTH }, READ],
    ["in neither", { scope: undefined }, []],
    ["that are empty", { scope: "" }, []],
    ["in another case", { scope: "USERS:READ" }, []],
    ["that only begin like ours", { scope: "users:read-all users users:" }, []],
    ["separated by commas", { scope: "users:read,users:write" }, []],
    ["of another type", { scope: 7 }, []],
    ["as an object", { scope: { "users:read": true } }, []],
    ["in a nested list", { scope: undefined, scp: [["users:read"]] }, []],
  ])("%s", async ([, claims, scopes], { expect }) => {
    const { verifyMinted } = await given();
    expect(await verifyMinted({ claims })).toMatchObject({ ok: true, principal: { scopes } });
  });
});

describe("a token is refused", () => {
  test.for<[string, TokenContent, TokenRefusal]>([
    ["of another issuer", { claims: { iss: "https://evil.test/" } }, "wrong-issuer"],
    ["of an issuer that only begins like ours", { claims: { iss: "https://issuer.test/x" } }, "wrong-issuer"],
    ["without an issuer", { claims: { iss: undefined } }, "missing-claim"],
    ["for another audience", { claims: { aud: "billing-api" } }, "wrong-audience"],
    ["for other audiences", { claims: { aud: ["billing-api", "users-api-2"] } }, "wrong-audience"],
    ["without an audience", { claims: { aud: undefined } }, "missing-claim"],
    ["without an end", { claims: { exp: undefined } }, "missing-claim"],
    ["with an end that is no number", { claims: { exp: "tomorrow" } }, "invalid-claim"],
    ["with a start that is no number", { claims: { nbf: "now" } }, "invalid-claim"],
    ["without a subject", { claims: { sub: undefined } }, "missing-claim"],
    ["with an empty subject", { claims: { sub: "" } }, "invalid-claim"],
    ["with a subject that is no text", { claims: { sub: 7 } }, "invalid-claim"],
    ["with an overlong subject", { claims: { sub: "x".repeat(256) } }, "invalid-claim"],
    ["of another type", { header: { typ: "logout+jwt" } }, "wrong-type"],
    ["of an unknown key", { header: { kid: "nobody" } }, "unknown-key"],
    ["that is too large", { claims: { padding: "x".repeat(8_192) } }, "too-large"],
  ])("%s", async ([, content, reason], { expect }) => {
    const { verifyMinted } = await given();
    expect(await verifyMinted(content)).toEqual(refused(reason));
    expect(await verifyMinted()).toMatchObject({ ok: true });
  });

  test("with an extension that it calls critical", async ({ expect }) => {
    const { provider, verify } = await given();
    const header = toSegment({ alg: "ES256", kid: "key-1", crit: ["x"], x: 1 });
    expect(await verify(withPart(await provider.mint(), 0, () => header))).toEqual(refused("malformed"));
  });

  test("after its end, with thirty seconds of grace", async ({ expect }) => {
    const { seconds, verifyMinted } = await given();
    expect(await verifyMinted({ claims: { exp: seconds() - 29 } })).toMatchObject({ ok: true });
    expect(await verifyMinted({ claims: { exp: seconds() - 30 } })).toEqual(refused("expired"));
    expect(await verifyMinted({ claims: { exp: 0 } })).toEqual(refused("expired"));
  });

  test("before its start, with thirty seconds of grace", async ({ expect }) => {
    const { seconds, verifyMinted } = await given();
    expect(await verifyMinted({ claims: { nbf: seconds() + 30 } })).toMatchObject({ ok: true });
    expect(await verifyMinted({ claims: { nbf: seconds() + 31 } })).toEqual(refused("not-yet-valid"));
  });

  test("once time has passed", async ({ expect }) => {
    const { time, provider, verify } = await given();
    const token = await provider.mint();
    expect(await verify(token)).toMatchObject({ ok: true });
    time.now += 331_000;
    expect(await verify(token)).toEqual(refused("expired"));
  });

  test.for([
    "",
    ".",
    "..",
    "...",
    "x",
    "a.b.c",
    "e30.e30.",
    "\u{1F511}",
    "bnVsbA.e30.x",
    "W10.e30.x",
    "x".repeat(8_192),
  ])("that is garbage: %j", async (token, { expect }) => {
    const { provider, verify } = await given();
    expect(await verify(token)).toMatchObject({ ok: false });
    expect(provider.fetches).toBe(0);
  });
});

describe("a forged token", () => {
  const CLAIMS = {
    iss: "https://issuer.test/",
    aud: "users-api",
    sub: "admin",
    scope: "users:write",
    exp: 2_000_000_000,
  };

  test.for<Algorithm>(["ES256", "RS256", "EdDSA"])(
    "with any byte of a %s signature changed",
    async (algorithm, { expect }) => {
      const { provider, verify } = await given(algorithm);
      const token = await provider.mint();
      const signature = Buffer.from(token.split(".")[2] ?? "", "base64url");
      for (const place of [0, 1, signature.length >> 1, signature.length - 1]) {
        const changed = Buffer.from(signature);
        changed[place] = (changed[place] ?? 0) ^ 1;
        expect(await verify(withPart(token, 2, () => changed.toString("base64url")))).toEqual(
          refused("wrong-signature"),
        );
      }
      for (const part of ["", "AA", signature.subarray(1).toString("base64url")]) {
        expect(await verify(withPart(token, 2, () => part))).toMatchObject({ ok: false });
      }
    },
  );

  test("with another payload under a genuine signature", async ({ expect }) => {
    const { provider, verify } = await given();
    const token = await provider.mint({ claims: { scope: "users:read" } });
    expect(await verify(withPart(token, 1, () => toSegment(CLAIMS)))).toEqual(refused("wrong-signature"));
  });

  test("of another issuer's key under our key's name", async ({ expect }) => {
    const { verify } = await given();
    const stranger = await createIssuer({ clock: () => 1_750_000_000_000 });
    expect(await verify(await stranger.mint())).toEqual(refused("wrong-signature"));
  });

  test.for(["none", "None", "NONE", "nOnE"])("with the algorithm %s", async (alg, { expect }) => {
    const { provider, verify } = await given();
    const unsigned = new UnsecuredJWT(CLAIMS).encode();
    const signed = await provider.mint();
    for (const token of [unsigned, signed, `${signed.split(".").slice(0, 2).join(".")}.`]) {
      expect(await verify(withPart(token, 0, () => toSegment({ alg, kid: "key-1" })))).toEqual(
        refused("algorithm-not-allowed"),
      );
    }
    expect(provider.fetches).toBe(0);
  });

  test.for(["HS256", "HS512"])("with %s and the public key as the secret", async (alg, { expect }) => {
    const { provider, verify } = await given("RS256");
    const publicKey = await importJWK(provider.publicKey, "RS256", { extractable: true });
    const pem = publicKey instanceof Uint8Array ? "" : await exportSPKI(publicKey);
    for (const secret of [pem, pem.trim(), JSON.stringify(provider.publicKey), provider.publicKey.n ?? ""]) {
      const token = await new SignJWT(CLAIMS)
        .setProtectedHeader({ alg, kid: "key-1" })
        .sign(new TextEncoder().encode(secret.padEnd(64)));
      expect(await verify(token)).toEqual(refused("algorithm-not-allowed"));
    }
  });

  test("that brings its own key is checked with ours", async ({ expect }) => {
    const { verify } = await given();
    const stranger = await createIssuer({ clock: () => 1_750_000_000_000 });
    const header = { jwk: stranger.publicKey, jku: "https://evil.test/jwks.json" };
    expect(await verify(await stranger.mint({ header }))).toEqual(refused("wrong-signature"));
  });

  test("with an algorithm that is not the key's", async ({ expect }) => {
    const { provider, verify } = await given("RS256");
    const token = withPart(await provider.mint(), 0, () => toSegment({ alg: "PS256", kid: "key-1" }));
    expect(await verify(token)).toEqual(refused("unknown-key"));
    for (const alg of ["RS384", "ES384", "RSA-OAEP", 7, null, undefined, ["RS256"]]) {
      const other = withPart(token, 0, () => toSegment({ alg, kid: "key-1" }));
      expect(await verify(other)).toMatchObject({ ok: false });
    }
  });
});

describe("keys", () => {
  const publish = (provider: Issuer, change: Record<string, unknown>) => {
    provider.keySet = { keys: [{ ...provider.publicKey, ...change }] };
  };

  test("rotate: the new one is found at once, the old one is no longer accepted", async ({ expect }) => {
    const { provider, verify } = await given();
    const old = await provider.mint();
    expect(await verify(old)).toMatchObject({ ok: true });
    await provider.rotate();
    expect(await verify(await provider.mint())).toMatchObject({ ok: true });
    expect(await verify(old)).toEqual(refused("unknown-key"));
    expect(provider.fetches).toBe(2);
  });

  test("rotate without a gap while both are published, also for many at once", async ({ expect }) => {
    const { provider, verify } = await given();
    const old = await provider.mint();
    await verify(old);
    await provider.rotate({ keepOld: true });
    const fresh = await provider.mint();
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, i) => verify(i % 2 === 0 ? old : fresh)));
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
  });

  test("made up at random cause one fetch per cool-down", async ({ expect }) => {
    const { time, provider, verifyMinted } = await given();
    await verifyMinted();
    for (let i = 0; i < 50; i++)
      expect(await verifyMinted({ header: { kid: `k${i}` } })).toEqual(refused("unknown-key"));
    expect(provider.fetches).toBe(2);
    time.now += JWKS_LIMITS.coolDownMs;
    await verifyMinted({ header: { kid: "again" } });
    expect(provider.fetches).toBe(3);
  });

  test("have to be named when there are several", async ({ expect }) => {
    const { provider, verifyMinted } = await given();
    await provider.rotate({ keepOld: true });
    expect(await verifyMinted({ header: { kid: undefined } })).toEqual(refused("unknown-key"));
    expect(await verifyMinted()).toMatchObject({ ok: true });
  });

  test.for<[string, Record<string, unknown>, TokenRefusal]>([
    ["for encryption", { use: "enc" }, "unknown-key"],
    ["for another algorithm", { alg: "RS512" }, "unknown-key"],
    ["that are too weak", { n: Buffer.alloc(128, 0xff).toString("base64url") }, "unusable-key"],
    ["that are broken", { n: "!" }, "unusable-key"],
    ["that are incomplete", { n: undefined }, "unusable-key"],
    ["that are secret", { d: "AQAB" }, "unknown-key"],
  ])("%s verify nothing", async ([, change, reason], { expect }) => {
    const { provider, verifyMinted } = await given("RS256");
    publish(provider, change);
    expect(await verifyMinted()).toEqual(refused(reason));
  });
});

describe("while the issuer is down", () => {
  test("tokens cannot be verified, which is not the token's fault; afterwards they can", async ({ expect }) => {
    const { time, provider, verify } = await given();
    const token = await provider.mint();
    provider.isDown = true;
    expect((await refusalOf(verify(token))).code).toBe("credentials-unverifiable");
    provider.isDown = false;
    time.now += JWKS_LIMITS.failureBackoffMs;
    expect(await verify(token)).toMatchObject({ ok: true });
  });

  test("tokens of known keys are still verified, those of unknown keys cannot be", async ({ expect }) => {
    const { time, provider, verify, verifyMinted } = await given();
    await verifyMinted();
    provider.isDown = true;
    time.now += JWKS_LIMITS.timeToLiveMs;
    expect(await verifyMinted()).toMatchObject({ ok: true });
    await provider.rotate();
    expect((await refusalOf(verify(await provider.mint()))).code).toBe("credentials-unverifiable");
  });

  test("tokens that are wrong on their face are still refused", async ({ expect }) => {
    const { provider, verify } = await given();
    provider.isDown = true;
    expect(await verify(new UnsecuredJWT({}).encode())).toEqual(refused("algorithm-not-allowed"));
  });
});
