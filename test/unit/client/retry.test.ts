import { describe, test } from "vitest";

import { UsersApiError, UsersNetworkError } from "../../../client/src/index.ts";
import { backoffMs, DEFAULT_RETRY } from "../../../client/src/retry.ts";
import { fakeService, problemAnswer, refuseConnection, USER, userAnswer } from "./fake-service.ts";

const UNAVAILABLE = () => problemAnswer(503, "database-unavailable");

describe("The wait before a repetition", () => {
  test("is drawn from nothing up to a step that doubles until its limit", ({ expect }) => {
    const steps = [1, 2, 3, 4, 5, 6, 60].map((failures) => backoffMs(failures, DEFAULT_RETRY, () => 1));
    expect(steps).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(backoffMs(3, DEFAULT_RETRY, () => 0)).toBe(0);
    expect(backoffMs(3, DEFAULT_RETRY, () => 0.25)).toBe(200);
  });

  test("follows that rule in a call, which gives up after four attempts", async ({ expect }) => {
    const { client, sent, waits } = fakeService([UNAVAILABLE]);
    await expect(client.getUser(USER.id)).rejects.toMatchObject({ code: "database-unavailable", attempts: 4 });
    expect(sent).toHaveLength(4);
    expect(waits).toEqual([200, 400, 800]);
  });

  test("is not waited at all where the outcome is unknown: whoever called has to look", async ({ expect }) => {
    const { client, sent } = fakeService([() => problemAnswer(503, "outcome-unknown"), () => userAnswer()]);
    const updated = client.updateUser(USER.id, { full_name: "Ada" }, { ifMatch: '"tag"' });
    await expect(updated).rejects.toMatchObject({ code: "outcome-unknown", attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  test.for([
    ["seconds", { "Retry-After": "7" }, 7_200],
    ["a date", { "Retry-After": "Sat, 31 Jan 2026 12:00:09 GMT" }, 9_200],
    [
      "a date, by the clock of the service",
      { "Retry-After": "Sun, 01 Feb 2026 00:00:04 GMT", Date: "Sun, 01 Feb 2026 00:00:00 GMT" },
      4_200,
    ],
    ["a date in the past", { "Retry-After": "Sat, 31 Jan 2026 11:00:00 GMT" }, 200],
    ["nonsense", { "Retry-After": "-5" }, 200],
    ["a date without a time zone", { "Retry-After": "Sat Jan 31 12:00:09 2026" }, 200],
  ] as const)("honours Retry-After in %s, plus jitter", async ([, headers, wait], { expect }) => {
    const { client, waits } = fakeService([() => problemAnswer(429, "quota-exceeded", headers), () => userAnswer()]);
    await client.getUser(USER.id);
    expect(waits).toEqual([wait]);
  });

  test("is not begun when it would end after the time of the call", async ({ expect }) => {
    const { client, sent, waits } = fakeService([() => problemAnswer(429, "quota-exceeded", { "Retry-After": "60" })]);
    const refusal = client.getUser(USER.id);
    await expect(refusal).rejects.toMatchObject({ code: "quota-exceeded", retryAfterMs: 60_000, attempts: 1 });
    expect([sent.length, waits.length]).toEqual([1, 0]);
  });

  test("counts against that time together with the waits before", async ({ expect }) => {
    const retry = { maxAttempts: 100, baseDelayMs: 1_000, maxDelayMs: 1_000, maxTotalMs: 5_500 };
    const { client, sent } = fakeService([UNAVAILABLE], { retry });
    await expect(client.getUser(USER.id)).rejects.toBeInstanceOf(UsersApiError);
    expect(sent).toHaveLength(6);
  });
});

describe("A failure", () => {
  test.for([
    ["a refused connection", refuseConnection],
    ["429", () => problemAnswer(429, "quota-exceeded")],
    ["502 from a proxy", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
    ["503", UNAVAILABLE],
    ["504", () => problemAnswer(504, "deadline-exceeded")],
    ["a body that breaks off", () => new Response(brokenBody())],
  ] as const)("that may pass is retried: %s", async ([, fail], { expect }) => {
    const { client, sent } = fakeService([fail, () => userAnswer()]);
    expect(await client.getUser(USER.id)).toEqual({ user: USER, etag: '"1"' });
    expect(sent).toHaveLength(2);
  });

  test.for([
    [400, "validation-failed"],
    [401, "invalid-token"],
    [404, "user-not-found"],
    [409, "username-taken"],
    [412, "precondition-failed"],
    [422, "idempotency-key-reused"],
    [500, "internal-error"],
  ] as const)("that will not pass is told at once: %s %s", async ([status, code], { expect }) => {
    const { client, sent } = fakeService([() => problemAnswer(status, code)]);
    const input = { username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" };
    await expect(client.createUser(input)).rejects.toMatchObject({ status, code, attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  test("of the network is told with its cause, and how often it was tried", async ({ expect }) => {
    const { client } = fakeService([refuseConnection], { retry: { maxAttempts: 2 } });
    const error = await client.getUser(USER.id).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsersNetworkError);
    expect(error).toMatchObject({ attempts: 2, cause: { message: "fetch failed" } });
  });

  test("is retried by default where an option is there but undefined", async ({ expect }) => {
    const { client } = fakeService([UNAVAILABLE], { retry: { maxAttempts: undefined, maxTotalMs: undefined } });
    await expect(client.getUser(USER.id)).rejects.toMatchObject({ attempts: 4 });
  });

  test("is not retried when retries are off", async ({ expect }) => {
    const { client, sent } = fakeService([UNAVAILABLE], { retry: false });
    await expect(client.getUser(USER.id)).rejects.toMatchObject({ attempts: 1 });
    expect(sent).toHaveLength(1);
  });
});

describe("A change", () => {
  const input = { username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" };

  test("by POST is repeated with the key and body of its first attempt", async ({ expect }) => {
    const replies = [
      refuseConnection,
      () => problemAnswer(409, "idempotency-key-in-use"),
      () => userAnswer(USER, { status: 201 }),
    ];
    const { client, sent } = fakeService(replies);
    expect(await client.createUser(input)).toEqual({ user: USER, etag: '"1"', replayed: false });
    expect(sent.map(({ headers, body }) => [headers.get("Idempotency-Key"), body])).toEqual(
      Array.from({ length: 3 }, () => ['"key-1"', input]),
    );
  });

  test("by POST gets a new key for the next call, and takes one of the caller's", async ({ expect }) => {
    const replayed = { status: 201, headers: { "Idempotent-Replayed": "true" } };
    const { client, sent } = fakeService([() => userAnswer(USER, { status: 201 }), () => userAnswer(USER, replayed)]);
    await client.createUser(input);
    await client.createUser(input);
    expect(await client.createUser(input, { idempotencyKey: String.raw`import "17" \ 4` })).toMatchObject({
      replayed: true,
    });
    const keys = sent.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys).toEqual(['"key-1"', '"key-2"', String.raw`"import \"17\" \\ 4"`]);
  });

  test.for(["", "schlüssel", "a\nb", "k".repeat(256)])(
    "by POST refuses the key %j",
    async (idempotencyKey, { expect }) => {
      const { client, sent } = fakeService([() => userAnswer()]);
      await expect(client.createUser(input, { idempotencyKey })).rejects.toThrow(TypeError);
      expect(sent).toHaveLength(0);
    },
  );

  test.for([
    [undefined, 1],
    ["*", 1],
    ['"1"', 2],
  ] as const)("by PATCH with If-Match %s is sent %i times when it fails once", async ([ifMatch, times], { expect }) => {
    const { client, sent } = fakeService([UNAVAILABLE, () => userAnswer()]);
    await client.updateUser(USER.id, { full_name: "Jack Doe" }, { ifMatch }).catch(() => {});
    expect(sent).toHaveLength(times);
    expect(sent[0]).toMatchObject({ method: "PATCH", body: { full_name: "Jack Doe" } });
    expect(sent[0]?.headers.get("If-Match") ?? undefined).toBe(ifMatch);
    expect(sent[0]?.headers.get("Content-Type")).toBe("application/merge-patch+json");
  });

  test("by DELETE is repeated, with or without If-Match", async ({ expect }) => {
    for (const ifMatch of [undefined, '"1"']) {
      const { client, sent } = fakeService([UNAVAILABLE, () => new Response(null, { status: 204 })]);
      await client.deleteUser(USER.id, { ifMatch });
      expect(sent.map(({ method, headers }) => [method, headers.get("If-Match") ?? undefined])).toEqual(
        Array.from({ length: 2 }, () => ["DELETE", ifMatch]),
      );
    }
  });
});

function brokenBody(): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      controller.error(new TypeError("terminated"));
    },
  });
}
