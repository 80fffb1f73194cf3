import { createHash } from "node:crypto";

import { afterEach, describe, test, vi } from "vitest";

import { createApiKeyVerifier, type ApiKeyVerifier } from "../../src/auth/api-keys.ts";

/*
 * Time tells a guesser something when it depends on what a guess and a key have in common. So the work is counted here, which no
 * busy machine changes: every wrong key costs one digest of itself and the same lookups, whatever it looks like.
 */

const PLAIN_KEY = "uk_plain-key-of-the-service-0123456789";
const HASHED_KEY = "uk_hashed-key-of-a-caller-9876543210";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const WRONG_KEYS = [
  "x",
  PLAIN_KEY.slice(0, 1),
  PLAIN_KEY.slice(0, PLAIN_KEY.length / 2),
  PLAIN_KEY.slice(0, -1),
  `${PLAIN_KEY.slice(0, -1)}!`,
  `!${PLAIN_KEY.slice(1)}`,
  `${PLAIN_KEY}!`,
  PLAIN_KEY.toUpperCase(),
  HASHED_KEY.slice(0, -1),
  `${HASHED_KEY.slice(0, -1)}!`,
  sha256(PLAIN_KEY),
  sha256(HASHED_KEY),
  "x".repeat(PLAIN_KEY.length),
  "x".repeat(16_000),
];

interface Work {
  /** What was hashed, in order. */
  readonly digested: readonly string[];
  readonly lookups: number;
  /** What is remembered of it. */
  readonly remembered: number;
}

/** What one check does. */
async function workOf({ verify }: ApiKeyVerifier, presented: string): Promise<Work> {
  const digest = vi.spyOn(crypto.subtle, "digest");
  const lookup = vi.spyOn(Map.prototype, "get");
  const remember = vi.spyOn(Map.prototype, "set");
  const other = [vi.spyOn(String.prototype, "startsWith"), vi.spyOn(String.prototype, "localeCompare")];
  try {
    await verify(presented);
    if (other.some((spy) => spy.mock.calls.length > 0)) throw new Error("a key was compared piece by piece");
    return {
      digested: digest.mock.calls.map(([, data]) => Buffer.from(new Uint8Array(data as Uint8Array)).toString()),
      lookups: lookup.mock.calls.filter(([key]) => key === presented || key === sha256(presented)).length,
      remembered: remember.mock.calls.filter(([key]) => key === presented).length,
    };
  } finally {
    vi.restoreAllMocks();
  }
}

/** A verifier that has seen its first requests, and both right keys. */
async function givenWarmVerifier(): Promise<ApiKeyVerifier> {
  const entries = [{ id: "mobile", sha256: sha256(HASHED_KEY), scopes: ["users:read"] as const }];
  const verifier = createApiKeyVerifier({ plainKey: PLAIN_KEY, entries });
  for (const key of [PLAIN_KEY, HASHED_KEY, "wrong"]) await verifier.verify(key);
  return verifier;
}

afterEach(() => void vi.restoreAllMocks());

describe("the work for a wrong key", () => {
  test("is one digest of it and two lookups, however long it is and whatever it has in common with a right one", async ({
    expect,
  }) => {
    const verifier = await givenWarmVerifier();
    for (const presented of WRONG_KEYS) {
      expect(await workOf(verifier, presented), presented.slice(0, 50)).toEqual({
        digested: [presented],
        lookups: 2,
        remembered: 0,
      });
    }
  });

  test("is the same again when it is repeated: nothing of a wrong key is remembered", async ({ expect }) => {
    const verifier = await givenWarmVerifier();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await workOf(verifier, `${PLAIN_KEY}!`)).toEqual({
        digested: [`${PLAIN_KEY}!`],
        lookups: 2,
        remembered: 0,
      });
    }
  });

  test("is the same on the first request, when the plain key is hashed too", async ({ expect }) => {
    // The digest of the plain key is a name of what is remembered then, so as a guess it would look like it.
    for (const presented of WRONG_KEYS.filter((key) => key !== sha256(PLAIN_KEY))) {
      const cold = createApiKeyVerifier({ plainKey: PLAIN_KEY, entries: [] });
      expect(await workOf(cold, presented)).toEqual({ digested: [PLAIN_KEY, presented], lookups: 2, remembered: 0 });
    }
  });

  test("does not grow with the number of keys", async ({ expect }) => {
    const entries = Array.from({ length: 1_000 }, (_, place) => ({
      id: `caller-${place}`,
      sha256: sha256(`key-${place}`),
      scopes: ["users:read"] as const,
    }));
    const verifier = createApiKeyVerifier({ plainKey: null, entries });
    expect(await workOf(verifier, "key-1000")).toEqual({ digested: ["key-1000"], lookups: 2, remembered: 0 });
  });
});
