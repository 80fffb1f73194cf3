import { describe, test } from "vitest";

import { createJwksCache, JWKS_LIMITS, type JwksFailure, type JwksFetch } from "../../src/auth/jwks.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { inTime } from "../support/in-time.ts";
import { refusalOf } from "../support/refusals.ts";

const URL = "https://issuer.test/jwks.json";

const keyOf = (kid: string) => ({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", kid });
const setOf = (...kids: string[]) => ({ keys: kids.map(keyOf) });

const never = () => new Promise<never>(() => {});

/** A cache whose clock and issuer the test controls. */
function given(limits: Partial<typeof JWKS_LIMITS> = {}) {
  const state = {
    now: 1_750_000_000_000,
    answer: async (_signal: AbortSignal): Promise<Response> => Response.json(setOf("one")),
    calls: [] as Parameters<JwksFetch>[],
    failures: [] as JwksFailure[],
  };
  const cache = createJwksCache({
    url: URL,
    fetch: async (...call) => {
      state.calls.push(call);
      return await state.answer(call[1].signal);
    },
    clock: () => state.now,
    onFailure: (failure) => void state.failures.push(failure),
    limits: { ...JWKS_LIMITS, ...limits },
  });
  return {
    state,
    publish: (...kids: string[]) => void (state.answer = async () => Response.json(setOf(...kids))),
    breakDown: () => void (state.answer = () => Promise.reject(new TypeError("fetch failed"))),
    current: (deadline = startDeadline(5_000)) => cache.current(deadline),
    newerThan: (known: Awaited<ReturnType<typeof cache.current>>) => cache.newerThan(known, startDeadline(5_000)),
  };
}

const kidsOf = ({ keys }: { readonly keys: readonly { readonly kid?: string }[] }) => keys.map(({ kid }) => kid);

describe("the keys", () => {
  test("are fetched at first use, from the configured place, without following redirects", async ({ expect }) => {
    const { state, current } = given();
    expect(state.calls).toEqual([]);
    expect(await current()).toEqual(setOf("one"));
    expect(state.calls).toMatchObject([[URL, { redirect: "manual", headers: { Accept: expect.any(String) } }]]);
  });

  test("are kept for their time to live, then renewed", async ({ expect }) => {
    const { state, publish, current } = given();
    const first = await current();
    publish("two");
    state.now += JWKS_LIMITS.timeToLiveMs - 1;
    expect(await current()).toBe(first);
    expect(state.calls).toHaveLength(1);
    state.now += 1;
    expect(kidsOf(await current())).toEqual(["two"]);
    expect(state.calls).toHaveLength(2);
  });

  test("asked for by many at once are right for all, and settled from then on", async ({ expect }) => {
    const { state, current } = given();
    const all = await Promise.all(Array.from({ length: 20 }, () => current()));
    for (const keySet of all) expect(keySet).toEqual(setOf("one"));
    const fetches = state.calls.length;
    await current();
    expect(state.calls).toHaveLength(fetches);
  });

  test("of the fetch that began last win, whichever ends last", async ({ expect }) => {
    const { state, current } = given();
    const slow = Promise.withResolvers<Response>();
    state.answer = () => slow.promise;
    const first = current();
    state.now += 100;
    state.answer = async () => Response.json(setOf("new"));
    expect(kidsOf(await current())).toEqual(["new"]);
    slow.resolve(Response.json(setOf("old")));
    expect(kidsOf(await first)).toEqual(["old"]);
    expect(kidsOf(await current())).toEqual(["new"]);
  });

  test("while one request renews them, serve the others without waiting", async ({ expect }) => {
    const { state, current } = given();
    const first = await current();
    state.now += JWKS_LIMITS.timeToLiveMs;
    const slow = Promise.withResolvers<Response>();
    state.answer = () => slow.promise;
    const renewing = current();
    expect(await current()).toBe(first);
    slow.resolve(Response.json(setOf("two")));
    expect(kidsOf(await renewing)).toEqual(["two"]);
    expect(state.calls).toHaveLength(2);
  });

  test("leave out what is no public key, secrets above all", async ({ expect }) => {
    const { state, current } = given();
    const others = [
      { kty: "oct", k: "c2VjcmV0" },
      { ...keyOf("leaked"), d: "x" },
      { kty: "new" },
      { kid: "x" },
      null,
      "RSA",
      7,
      [],
    ];
    state.answer = async () => Response.json({ keys: [...others, keyOf("good")] });
    expect(await current()).toEqual(setOf("good"));
  });

  test("may all be withdrawn", async ({ expect }) => {
    const { publish, current } = given();
    publish();
    expect(await current()).toEqual({ keys: [] });
  });
});

describe("a search for an unknown key", () => {
  test("fetches at once, then not before the cool-down is over", async ({ expect }) => {
    const { state, publish, current, newerThan } = given();
    const first = await current();
    publish("one", "two");
    const second = await newerThan(first);
    expect(kidsOf(second)).toEqual(["one", "two"]);
    for (let attempt = 0; attempt < 100; attempt++) expect(await newerThan(second)).toBe(second);
    state.now += JWKS_LIMITS.coolDownMs - 1;
    expect(await newerThan(second)).toBe(second);
    expect(state.calls).toHaveLength(2);
    state.now += 1;
    publish("three");
    expect(kidsOf(await newerThan(second))).toEqual(["three"]);
    expect(state.calls).toHaveLength(3);
  });

  test("takes what another request found meanwhile", async ({ expect }) => {
    const { state, publish, current, newerThan } = given();
    const first = await current();
    publish("two");
    const second = await newerThan(first);
    expect(await newerThan(first)).toBe(second);
    expect(state.calls).toHaveLength(2);
  });

  test("that fails is a failure, not an answer, and is not repeated at once", async ({ expect }) => {
    const { state, publish, breakDown, current, newerThan } = given();
    const first = await current();
    breakDown();
    expect((await refusalOf(newerThan(first))).code).toBe("credentials-unverifiable");
    expect((await refusalOf(newerThan(first))).code).toBe("credentials-unverifiable");
    expect(state.calls).toHaveLength(2);
    expect(await current()).toBe(first);
    publish("two");
    state.now += JWKS_LIMITS.failureBackoffMs;
    expect(kidsOf(await newerThan(first))).toEqual(["two"]);
  });
});

describe("an issuer that is down", () => {
  test("with nothing cached cannot verify anybody, and is asked again after a pause", async ({ expect }) => {
    const { state, publish, breakDown, current } = given();
    breakDown();
    expect(await refusalOf(current())).toMatchObject({
      code: "credentials-unverifiable",
      cause: expect.any(TypeError),
    });
    for (let attempt = 0; attempt < 100; attempt++) await refusalOf(current());
    expect(state.calls).toHaveLength(1);
    publish("two");
    state.now += JWKS_LIMITS.failureBackoffMs;
    expect(kidsOf(await current())).toEqual(["two"]);
    expect(state.failures).toEqual(["unreachable"]);
  });

  test("is bridged by older keys, and asked once per cool-down", async ({ expect }) => {
    const { state, publish, breakDown, current } = given();
    const first = await current();
    breakDown();
    state.now += JWKS_LIMITS.timeToLiveMs;
    for (let attempt = 0; attempt < 100; attempt++) expect(await current()).toBe(first);
    expect(state.calls).toHaveLength(2);
    expect(state.failures).toEqual(["unreachable"]);
    publish("two");
    state.now += JWKS_LIMITS.coolDownMs;
    expect(kidsOf(await current())).toEqual(["two"]);
  });

  test("is not bridged for ever", async ({ expect }) => {
    const { state, breakDown, current } = given();
    const first = await current();
    breakDown();
    state.now += JWKS_LIMITS.maxStaleMs - 1;
    expect(await current()).toBe(first);
    state.now += JWKS_LIMITS.failureBackoffMs;
    expect((await refusalOf(current())).code).toBe("credentials-unverifiable");
  });

  const text = (body: string) => () => new Response(body);
  test.for<[string, () => Response, JwksFailure]>([
    ["an error", () => new Response("oops", { status: 500 }), "bad-status"],
    ["nothing", () => new Response(null, { status: 204 }), "bad-status"],
    ["a redirect", () => Response.redirect("https://elsewhere.test/", 302), "bad-status"],
    ["HTML", text("<html>"), "malformed"],
    ["an empty body", text(""), "malformed"],
    ["no body", () => new Response(null), "malformed"],
    ["null", text("null"), "malformed"],
    ["a bare list", text("[]"), "malformed"],
    ["no keys", text("{}"), "malformed"],
    ["keys of another shape", text('{"keys":{"0":{"kty":"RSA"}}}'), "malformed"],
    ["too much", text(JSON.stringify(setOf("x".repeat(JWKS_LIMITS.maxBytes)))), "too-large"],
  ])("answers %s: nobody can be verified", async ([, answer, failure], { expect }) => {
    const { state, current } = given();
    state.answer = async () => answer();
    expect((await refusalOf(current())).code).toBe("credentials-unverifiable");
    expect(state.failures).toEqual([failure]);
  });

  test("sends without end: reading stops at the limit", async ({ expect }) => {
    const { state, current } = given();
    let sent = 0;
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024));
      },
      cancel: () => void (isCancelled = true),
    });
    state.answer = async () => new Response(endless);
    expect((await refusalOf(current())).code).toBe("credentials-unverifiable");
    expect(sent).toBeLessThan(JWKS_LIMITS.maxBytes + 8 * 1_024);
    expect(isCancelled).toBe(true);
  });

  test("answers in pieces that split a character: the text is whole again", async ({ expect }) => {
    const { state, current } = given();
    const bytes = new TextEncoder().encode(JSON.stringify(setOf("schl\u00fcssel")));
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    state.answer = async () => new Response(ReadableStream.from(pieces));
    expect(kidsOf(await current())).toEqual(["schl\u00fcssel"]);
  });
});

describe("an issuer that hangs", () => {
  test.for<[string, () => Promise<Response>]>([
    ["before it answers, deaf to the signal", never],
    ["in the middle of its answer", async () => new Response(new ReadableStream({ pull: never }))],
  ])("%s is given up after the time-out", async ([, answer], { expect }) => {
    const { state, current } = given({ fetchTimeoutMs: 40 });
    state.answer = answer;
    expect((await inTime(1_000, refusalOf(current()))).code).toBe("credentials-unverifiable");
    expect(state.failures).toEqual(["timed-out"]);
    expect(state.calls[0]?.[1].signal.aborted).toBe(true);
  });

  test("delays nobody beyond the request's own deadline", async ({ expect }) => {
    const { state, current } = given();
    state.answer = never;
    expect((await inTime(1_000, refusalOf(current(startDeadline(40))))).code).toBe("deadline-exceeded");
  });

  test("is bridged by older keys", async ({ expect }) => {
    const { state, current } = given({ fetchTimeoutMs: 40 });
    const first = await current();
    state.answer = never;
    state.now += JWKS_LIMITS.timeToLiveMs;
    expect(await current()).toBe(first);
    expect(state.failures).toEqual(["timed-out"]);
  });
});
