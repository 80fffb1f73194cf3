import { describe, test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import { buildEvent, createFakeUserEvents } from "../support/fake-user-events.ts";
import { readProblem } from "../support/http-messages.ts";
import { responseContract } from "../support/response-contract.ts";
import { readSse, type SseBlock, takeAll, takeEvents } from "../support/sse.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

const EVENTS = "/api/v1/users/events";
const ALL = Array.from({ length: 3 }, () => buildEvent());
const WHOLE = ALL.map(({ eventId }) => eventId);
const LIMITS = { streamMs: 60_000, pollMs: 5, patienceMs: 60_000 };

function open({ initial = ALL, ...options }: TestAppOptions & { initial?: typeof ALL } = {}) {
  const userEvents = createFakeUserEvents(initial);
  const app = createTestApp({ userEvents, ...options });
  const stream = (query = "", headers: Record<string, string> = {}) =>
    app.request(`${EVENTS}?${query}`, { headers: { Accept: "text/event-stream", ...headers } });
  const ends = () => app.events.filter(({ event }) => event === "event_stream_ended").map(({ fields }) => fields);
  return { ...app, userEvents, stream, ends };
}

const idsOf = (blocks: readonly SseBlock[]) => blocks.map(({ data }) => JSON.parse(data ?? "{}").id);

describe("GET /api/v1/users/events as an event stream", () => {
  test("given events, when followed, then each is sent with its type and cursor, and what happens later too", async ({
    expect,
  }) => {
    const { stream, request, userEvents } = open();
    const response = await stream();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "private, no-cache, no-transform",
    });
    const blocks = readSse(response);
    expect((await blocks.next()).value).toMatchObject({ retry: 1_000, event: null });
    const known = await takeEvents(blocks, 3);
    const later = buildEvent({ type: "user.deleted", payload: null });
    userEvents.add(later);
    const [last] = await takeEvents(blocks, 1);
    expect(idsOf([...known, ...(last === undefined ? [] : [last])])).toEqual([...WHOLE, later.eventId]);
    expect(last).toMatchObject({ event: "user.deleted" });
    const page = await (await request(`${EVENTS}?cursor=${known[0]?.id}`)).json<{ data: { id: string }[] }>();
    expect(page.data.map(({ id }) => id)).toEqual([...WHOLE.slice(1), later.eventId]);
    expect(page.data[0]).toEqual(JSON.parse(known[1]?.data ?? ""));
    await blocks.return(undefined);
  });

  test("given Last-Event-ID, when a client comes again, then it misses nothing, whatever else it asks for", async ({
    expect,
  }) => {
    const { stream } = open();
    const first = readSse(await stream("from=now"));
    const start = (await first.next()).value;
    await first.return(undefined);
    const whole = readSse(await stream());
    const [event] = await takeEvents(whole, 1);
    await whole.return(undefined);
    for (const query of ["", "from=now", `cursor=${start?.id}`]) {
      const again = readSse(await stream(query, { "Last-Event-ID": event?.id ?? "" }));
      expect(idsOf(await takeEvents(again, 2)), query).toEqual(WHOLE.slice(1));
      await again.return(undefined);
    }
    expect(await readProblem(await stream("type=user.created", { "Last-Event-ID": event?.id ?? "" }))).toMatchObject({
      code: "invalid-cursor",
    });
  });

  test("given nothing that happens, then the stream is kept alive, and says where one will continue", async ({
    expect,
  }) => {
    const { stream, userEvents } = open();
    const blocks = readSse(await stream("type=user.deleted"));
    const start = (await blocks.next()).value;
    expect(start).toMatchObject({ event: null, data: null });
    userEvents.add(buildEvent());
    const { value } = await blocks.next();
    expect(value).toMatchObject({ comment: "nothing new", event: null, data: null });
    expect(value?.id).not.toBe(start?.id);
    await blocks.return(undefined);
  });

  test("given its time, when that is over, then the stream ends by itself, and is what the document says", async ({
    expect,
  }) => {
    const { stream, ends } = open({ eventStreams: { ...LIMITS, streamMs: 100 } });
    const response = await stream();
    await responseContract.check({ method: "GET", url: `https://users.test${EVENTS}`, response });
    const blocks = await takeAll(readSse(response));
    expect(blocks.filter(({ event }) => event !== null)).toHaveLength(3);
    expect(ends()).toEqual([expect.objectContaining({ reason: "finished", sent_events: 3 })]);
  });

  test("given a client that leaves, then nothing more is read", async ({ expect }) => {
    const { stream, userEvents, ends } = open();
    const blocks = readSse(await stream());
    await takeEvents(blocks, 3);
    await blocks.return(undefined);
    expect(ends()).toEqual([expect.objectContaining({ reason: "reader_left" })]);
    const reads = userEvents.queries.length;
    await new Promise((resolve) => setTimeout(resolve, 20 * LIMITS.pollMs));
    expect(userEvents.queries).toHaveLength(reads);
  });

  test("given a reader that takes nothing, then one chunk waits for it, and it is cut off", async ({ expect }) => {
    const { stream, userEvents, ends } = open({ eventStreams: { ...LIMITS, patienceMs: 50 } });
    const response = await stream();
    const reader = response.body?.getReader();
    await reader?.read();
    for (let count = 0; count < 1_000; count++) userEvents.add(buildEvent());
    await expect.poll(ends).toEqual([expect.objectContaining({ reason: "reader_too_slow", sent_events: 3 })]);
    expect(userEvents.queries).toHaveLength(1);
    await expect(reader?.read()).rejects.toThrow("takes nothing");
  });

  test("given a database that fails for a while, then the stream goes on when it is back", async ({ expect }) => {
    const { stream, userEvents } = open();
    const blocks = readSse(await stream());
    await takeEvents(blocks, 3);
    userEvents.failNext(...Array.from({ length: 4 }, () => new AppError("database-unavailable")));
    const later = buildEvent();
    userEvents.add(later);
    expect(idsOf(await takeEvents(blocks, 1))).toEqual([later.eventId]);
    await blocks.return(undefined);
  });

  test.for([
    ["that stays away", Array.from({ length: 5 }, () => new AppError("overloaded"))],
    ["with a mistake of ours", [new AppError("internal-error")]],
    ["that has removed what would come next", [new AppError("cursor-expired")]],
  ] as const)(
    "given a database %s, then the stream ends, and says when to come again",
    async ([, errors], { expect }) => {
      const { stream, userEvents, ends } = open();
      const blocks = readSse(await stream());
      await takeEvents(blocks, 3);
      userEvents.failNext(...errors);
      const rest = await takeAll(blocks);
      expect(rest.at(-1)).toMatchObject({ comment: "interrupted", retry: 5_000, event: null });
      expect(ends()).toEqual([expect.objectContaining({ reason: "database_failed", error: expect.anything() })]);
    },
  );

  test("given trouble before the first event, then it is told as a problem", async ({ expect }) => {
    const { stream, userEvents } = open();
    userEvents.failNext(new AppError("database-unavailable"));
    expect(await readProblem(await stream())).toMatchObject({ status: 503, code: "database-unavailable" });
    const blocks = readSse(await stream());
    const [event] = await takeEvents(blocks, 1);
    await blocks.return(undefined);
    userEvents.sweep(2);
    expect(await readProblem(await stream("", { "Last-Event-ID": event?.id ?? "" }))).toMatchObject({ status: 410 });
  });

  test("given HEAD, then it has the headers of GET, and nothing is followed", async ({ expect }) => {
    const { request, userEvents } = open();
    const response = await request(EVENTS, { method: "HEAD", headers: { Accept: "text/event-stream" } });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    await new Promise((resolve) => setTimeout(resolve, 20 * LIMITS.pollMs));
    expect(userEvents.queries).toHaveLength(1);
  });

  test.for([
    ["text/event-stream", "text/event-stream"],
    ["text/*", "text/event-stream"],
    ["application/json;q=0.5, text/event-stream", "text/event-stream"],
    ["text/event-stream;q=0.5, application/json", "application/json"],
    ["text/event-stream, application/json", "application/json"],
    ["*/*", "application/json"],
  ] as const)("given Accept: %s, then it is %s", async ([accept, type], { expect }) => {
    const response = await open().request(EVENTS, { headers: { Accept: accept } });
    expect(response.headers.get("Content-Type")).toBe(type);
    await response.body?.cancel();
  });

  test.for(["text/html", "text/event-stream;q=0", "text/event-stream;q=0, application/json;q=0"])(
    "given Accept: %s, then it is 406",
    async (accept, { expect }) => {
      const { request, userEvents } = open();
      const problem = await readProblem(await request(EVENTS, { headers: { Accept: accept } }));
      expect(problem).toMatchObject({ status: 406, code: "not-acceptable" });
      expect(userEvents.queries).toEqual([]);
    },
  );

  test("given a deadline, then it does not cut the stream", async ({ expect }) => {
    const { stream, userEvents } = open({ requestTimeoutMs: 50 });
    const blocks = readSse(await stream());
    await takeEvents(blocks, 3);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const later = buildEvent();
    userEvents.add(later);
    expect(idsOf(await takeEvents(blocks, 1))).toEqual([later.eventId]);
    await blocks.return(undefined);
  });
});
