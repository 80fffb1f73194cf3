import { describe, test } from "vitest";

import { createStaticFlagSource, type FlagSource } from "../../src/flags/flag-source.ts";
import { KvFlagSource } from "../../src/flags/kv-flag-source.ts";
import { isInRollout } from "../../src/flags/rollout.ts";
import type { FlagState } from "../../src/models/feature-flag.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { buildEvent, createFakeUserEvents } from "../support/fake-user-events.ts";
import { sha256Hex } from "../support/http-fakes.ts";
import { readJson, readProblem } from "../support/http-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

const EVENTS = "/api/v1/users/events";
const FLAG = "users-events-stream";
const STREAM = "text/event-stream";
const STREAM_OR_JSON = `${STREAM}, application/json;q=0.5`;

const stating = (state: FlagState): FlagSource => createStaticFlagSource(new Map([[FLAG, state]]));

/** Flags of a namespace that answers as `read` does. */
const reading = (read: () => Promise<string | null>): FlagSource =>
  new KvFlagSource({
    read,
    clock: Date.now,
    withTimeout: (work, milliseconds) => startDeadline(milliseconds).race(work),
    onChange: () => {},
  });

function open(options: TestAppOptions = {}) {
  const events = [buildEvent(), buildEvent()];
  const app = createTestApp({ userEvents: createFakeUserEvents(events), ...options });
  const get = async (accept: string, headers: Record<string, string> = {}) => {
    const response = await app.request(EVENTS, { headers: { Accept: accept, ...headers } });
    const type = response.headers.get("Content-Type");
    if (type === STREAM) await response.body?.cancel();
    return { response, status: response.status, type };
  };
  const flagsOfLog = () => app.events.filter(({ event }) => event === "request").map(({ fields }) => fields["flags"]);
  return { ...app, known: events, get, flagsOfLog };
}

describe("the flag users-events-stream", () => {
  test.for(["on", "100%"] as const)(
    "when %s, the feed is a stream for whoever asks for one",
    async (state, { expect }) => {
      const { get } = open({ flagSource: stating(state) });
      expect(await get(STREAM)).toMatchObject({ status: 200, type: STREAM });
      expect(await get(STREAM_OR_JSON)).toMatchObject({ status: 200, type: STREAM });
    },
  );

  test.for(["off", "0%"] as const)("when %s, whoever takes JSON too gets a page", async (state, { expect }) => {
    const { get, known } = open({ flagSource: stating(state) });
    for (const accept of [STREAM_OR_JSON, `${STREAM}, */*;q=0.1`]) {
      const { response, status, type } = await get(accept);
      expect([status, type]).toEqual([200, "application/json"]);
      expect(await readJson(response)).toMatchObject({ data: known.map(({ eventId: id }) => ({ id })) });
    }
  });

  test("when off, whoever takes a stream alone is told so", async ({ expect }) => {
    const { get } = open({ flagSource: stating("off") });
    const { response } = await get(STREAM);
    expect(await readProblem(response)).toMatchObject({
      code: "not-acceptable",
      detail: expect.stringContaining("Streams are switched off"),
    });
  });

  test("when off, a page begins where the stream ended", async ({ expect }) => {
    const { get, request, known } = open({ flagSource: stating("off") });
    const page = await readJson(await request(`${EVENTS}?limit=1`));
    const { next_cursor: cursor } = Object(page);
    const { response } = await get(STREAM_OR_JSON, { "Last-Event-ID": String(cursor) });
    expect(await readJson(response)).toMatchObject({ data: [{ id: known[1]?.eventId }] });
  });

  test("when for a share, is on for the same callers each time", async ({ expect }) => {
    const ids = Array.from({ length: 20 }, (_, place) => `caller-${place}`);
    const entries = await Promise.all(
      ids.map(async (id) => ({ id, sha256: await sha256Hex(id), scopes: ["users:read" as const] })),
    );
    const { get } = open({ flagSource: stating("50%"), entries });
    for (const id of [...ids, ...ids]) {
      const { type } = await get(STREAM_OR_JSON, { "X-API-Key": id });
      expect(type === STREAM, id).toBe(isInRollout(FLAG, id, 50));
    }
  });
});

describe("the log line of a request", () => {
  test("says what the flags said that it asked, and nothing where it asked none", async ({ expect }) => {
    const { get, request, flagsOfLog } = open({ flagSource: stating("off") });
    await get(STREAM);
    await get(STREAM_OR_JSON);
    await get("application/json");
    await request("/health");
    expect(flagsOfLog()).toEqual([{ [FLAG]: "off" }, { [FLAG]: "off" }, undefined, undefined]);
  });

  test("says so of defaults too", async ({ expect }) => {
    const { get, flagsOfLog } = open();
    await get(STREAM);
    expect(flagsOfLog()).toEqual([{ [FLAG]: "on" }]);
  });
});

describe("with a namespace", () => {
  type Read = () => Promise<string | null>;
  const READS: readonly (readonly [string, Read])[] = [
    ["fails", () => Promise.reject(new Error("kv is down"))],
    ["never answers", () => new Promise<never>(() => {})],
    ["has no file", () => Promise.resolve(null)],
    ["has an invalid file", () => Promise.resolve("{")],
  ];
  test.for(READS)("that %s, flags have their defaults and requests their answers", async ([, read], { expect }) => {
    const { get, request } = open({ flagSource: reading(read) });
    expect(await get(STREAM)).toMatchObject({ status: 200, type: STREAM });
    expect((await request("/health/flags")).status).toBe(200);
  });

  test("the first request waits for what it says, and requests that ask no flag for nothing", async ({ expect }) => {
    let asked = 0;
    const read = async () => {
      asked += 1;
      return '{"version":1,"flags":{"users-events-stream":"off"}}';
    };
    const { get } = open({ flagSource: reading(read) });
    await get("application/json");
    expect(asked).toBe(0);
    expect((await get(STREAM)).status).toBe(406);
    expect((await get(STREAM)).status).toBe(406);
    expect(asked).toBe(1);
  });
});

describe("/health/flags", () => {
  test("tells what each flag says, to anybody, and nothing of callers", async ({ expect }) => {
    const { request } = open({ flagSource: stating("25%"), apiKey: "secret-key" });
    const response = await request("/health/flags");
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await readJson(response)).toEqual({
      timestamp: expect.stringMatching(/Z$/),
      file: "loaded",
      age_ms: null,
      flags: [{ name: FLAG, state: "25%", is_default: false }],
    });
  });

  test("tells the age of what was read, and of defaults that they are", async ({ expect }) => {
    const app = createTestApp({ flagSource: reading(async () => '{"version":1,"flags":{}}') });
    expect(await readJson(await app.request("/health/flags"))).toMatchObject({
      file: "loaded",
      age_ms: expect.any(Number),
      flags: [{ name: FLAG, state: "on", is_default: true }],
    });
  });
});
