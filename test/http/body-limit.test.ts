import { describe, test } from "vitest";

import { ABSENT_ID } from "../support/http-contract.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { newUserData, readProblem, readUser, send, streamOf, USERS } from "../support/http-messages.ts";
import { inTime } from "../support/in-time.ts";
import { createTestApp } from "../support/test-app.ts";

const LIMIT = 64 * 1024;

/** A valid user, padded with spaces to an exact number of bytes. */
function paddedBody(bytes: number, overrides: Record<string, unknown> = {}): string {
  const body = JSON.stringify(newUserData(overrides));
  return body + " ".repeat(bytes - new TextEncoder().encode(body).byteLength);
}

/** A body that goes on for ever; tells how many pieces of it were taken. */
function endlessBody(bytes: number) {
  const state = { pieces: 0 };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.pieces += 1;
      controller.enqueue(new Uint8Array(bytes).fill(SPACE));
    },
  });
  return { stream, state };
}

const SPACE = 32;

/** What is left of a refused body is thrown away, to save the connection; but not without end. */
const MOST_PIECES = 10_000;

const streamed = (body: ReadableStream<Uint8Array>, method = "POST"): RequestInit => ({
  method,
  headers: { "Content-Type": "application/json" },
  body,
});

describe("a body", () => {
  test("of exactly 64 KiB is read", async ({ expect }) => {
    const { request } = createTestApp();
    const body = paddedBody(LIMIT);
    const response = await request(USERS, send("POST", body, { "Content-Length": String(LIMIT) }));
    expect(response.status).toBe(201);
  });

  test.for([7, 4_096, LIMIT])("of exactly 64 KiB in pieces of %i bytes is read whole", async (size, { expect }) => {
    const { request } = createTestApp();
    const body = paddedBody(LIMIT, { full_name: "Zoë Ångström" });
    const pieces = body.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    const response = await request(USERS, streamed(streamOf(pieces)));
    expect(await readUser(response)).toMatchObject({ full_name: "Zoë Ångström" });
  });

  test("is not broken by a piece that ends inside a character", async ({ expect }) => {
    const bytes = new TextEncoder().encode(JSON.stringify(newUserData({ full_name: "Zoë" })));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const writing = (async () => {
      for (const byte of bytes) await writer.write(Uint8Array.of(byte));
      await writer.close();
    })();
    const response = await createTestApp().request(USERS, streamed(readable));
    await writing;
    expect(await readUser(response)).toMatchObject({ full_name: "Zoë" });
  });

  test.for([
    ["POST", USERS],
    ["PATCH", `${USERS}/id/${ABSENT_ID}`],
  ])("of one byte more is 413 on %s, by its length and by its bytes", async ([method = "", path = ""], { expect }) => {
    const { request, users } = createRecordedApp();
    const body = paddedBody(LIMIT + 1);
    const half = LIMIT / 2;
    const attempts = [
      send(method, body, { "Content-Length": String(LIMIT + 1) }),
      send(method, body),
      streamed(streamOf([body]), method),
      streamed(streamOf([body.slice(0, half), body.slice(half)]), method),
    ];
    for (const init of attempts) {
      expect(await readProblem(await request(path, init))).toMatchObject({ code: "payload-too-large", status: 413 });
    }
    expect(users.calls).toEqual([]);
  });

  test("is measured in bytes, not in characters", async ({ expect }) => {
    const body = paddedBody(200, { full_name: "é".repeat(10) }) + "\u2003".repeat(LIMIT / 3);
    expect(body.length).toBeLessThan(LIMIT);
    const problem = await readProblem(await createTestApp().request(USERS, send("POST", body)));
    expect(problem.code).toBe("payload-too-large");
  });

  test.for(["65537", "999999999999999999999", "1e9", "Infinity"])(
    "announced as %s bytes is refused",
    async (length, { expect }) => {
      const headers = { "Content-Type": "application/json", "Content-Length": length };
      const response = await createTestApp().request(USERS, { ...send("POST", newUserData()), headers });
      expect(await readProblem(response)).toMatchObject({ code: "payload-too-large" });
    },
  );

  test.for(["65537", "-1", "abc", "0", "10"])(
    "without end, announced as %s bytes, is refused before long",
    async (length, { expect }) => {
      const headers = { "Content-Type": "application/json", "Content-Length": length };
      const { stream, state } = endlessBody(1_024);
      const response = await createTestApp().request(USERS, { ...streamed(stream), headers });
      expect(await readProblem(response)).toMatchObject({ code: "payload-too-large" });
      expect(state.pieces).toBeLessThan(MOST_PIECES);
    },
  );

  test("without end and unannounced is refused before long", async ({ expect }) => {
    const { request, users } = createRecordedApp();
    const { stream, state } = endlessBody(8_192);
    expect(await readProblem(await request(USERS, streamed(stream)))).toMatchObject({ code: "payload-too-large" });
    expect(state.pieces).toBeLessThan(MOST_PIECES);
    expect(users.calls).toEqual([]);
  });
});

describe("a body that comes too slowly", () => {
  const silent = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const stalling = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"username":')),
      pull: () => new Promise(() => {}),
    });
  const dripping = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        controller.enqueue(new TextEncoder().encode(" "));
      },
    });

  test.for([
    ["never starts", silent],
    ["stops half-way", stalling],
    ["drips for ever", dripping],
  ] as const)("because it %s is 504 at the deadline", async ([, makeBody], { expect }) => {
    const { request, users } = createRecordedApp({ requestTimeoutMs: 100 });
    const response = await inTime(2_000, request(USERS, streamed(makeBody())));
    expect(await readProblem(response)).toMatchObject({ code: "deadline-exceeded", status: 504 });
    expect(users.calls).toEqual([]);
  });

  test.for([
    ["for want of credentials", "POST", USERS, 401],
    ["for its path", "POST", "/nowhere", 404],
    ["for its method", "PUT", USERS, 405],
  ] as const)("holds up a refusal %s by a short time at most", async ([, method, path, status], { expect }) => {
    const { request } = createTestApp({ apiKey: "key", requestTimeoutMs: 60_000 });
    expect((await inTime(3_000, request(path, streamed(silent(), method)))).status).toBe(status);
  });

  test("and breaks off is a 4xx problem, for the client is gone or at fault", async ({ expect }) => {
    const { request, users } = createRecordedApp();
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("connection lost")) });
    const response = await request(USERS, streamed(broken));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(users.calls).toEqual([]);
  });
});
