import { describe, test } from "vitest";

import { createFeed, type Feed } from "../../../../events/src/feed/feed.ts";
import type { SocketEnd } from "../../../../events/src/feed/protocol.ts";
import { subscribe, WINDOW } from "../../../../events/src/feed/subscription.ts";
import type { EventCursorCodec } from "../../../../src/http/user-events/cursor.ts";
import { AppError } from "../../../../src/models/errors.ts";
import type { EventFilter } from "../../../../src/models/user-event.ts";
import { TEST_CONTEXT } from "../../../support/call-context.ts";
import { createFakeFeedSocket, type FakeFeedSocket } from "../../../support/fake-feed-socket.ts";
import { buildEvent, createFakeUserEvents } from "../../../support/fake-user-events.ts";

const ALL: EventFilter = { type: null, userId: null };
const BEGINNING = { stamp: 0n, position: 0n };
const LIMITS = { socketMs: 3_600_000, patienceMs: 30_000, heartbeatMs: 15_000 };

/** Without cryptography, which takes its time. */
const CURSORS: EventCursorCodec = {
  encode: async ({ stamp, position }) => `${stamp}.${position}`,
  decode: () => Promise.reject(new AppError("invalid-cursor")),
};

/** A feed whose clock stands still unless it is told, and whose alarm rings when it is told. */
function start(count = 0) {
  const events = createFakeUserEvents(Array.from({ length: count }, () => buildEvent()));
  const sockets: FakeFeedSocket[] = [];
  const ends: SocketEnd[] = [];
  const interruptions: unknown[] = [];
  let now = 1_000_000;
  let alarmAt: number | null = null;
  const make = (): Feed =>
    createFeed({
      events,
      cursors: CURSORS,
      startCall: () => TEST_CONTEXT,
      sockets: () => sockets,
      limits: LIMITS,
      clock: () => now,
      setAlarm: async (at) => void (alarmAt = at),
      observer: {
        onOpened: () => {},
        onEnded: (_, end) => void ends.push(end),
        onInterrupted: (error) => void interruptions.push(error),
      },
    });
  let feed = make();
  /** Lets everything happen that needs no time: nothing here waits for more than promises. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    events,
    ends,
    interruptions,
    settle,
    alarmIn: () => (alarmAt === null ? null : alarmAt - now),
    feed: () => feed,
    /** The platform takes the memory away; sockets, and what is beside them, stay. */
    sleep: () => void (feed = make()),
    async open(filter = ALL) {
      const socket = createFakeFeedSocket();
      sockets.push(socket);
      feed.open(socket, subscribe({ requestId: "r", filter, position: BEGINNING }, now), "start");
      await settle();
      return socket;
    },
    async say(socket: FakeFeedSocket, text: string) {
      feed.hear(socket, text);
      await settle();
    },
    /** Time passes, alarms ring. */
    async pass(milliseconds: number) {
      const until = now + milliseconds;
      while (alarmAt !== null && alarmAt <= until) {
        [now, alarmAt] = [Math.max(now, alarmAt), null];
        await feed.wake();
        await settle();
      }
      now = until;
    },
  };
}

const idsOf = ({ sent }: FakeFeedSocket) => sent.flatMap(({ event }) => (event === undefined ? [] : [event.id]));

describe("A feed", () => {
  test("tells a new client where it begins, and all that there is", async ({ expect }) => {
    const { open } = start(250);
    const socket = await open();
    expect(socket.sent[0]).toEqual({ cursor: "start" });
    expect(new Set(idsOf(socket)).size).toBe(250);
    expect(socket.sent).toHaveLength(251);
  });

  test("never has more on its way than a window, however often it is asked to look", async ({ expect }) => {
    const { open, say, feed, settle, pass } = start(2_000);
    const socket = await open();
    expect(idsOf(socket)).toHaveLength(WINDOW);
    for (let turn = 0; turn < 5; turn++) feed().nudge();
    await settle();
    await pass(20_000);
    expect(idsOf(socket)).toHaveLength(WINDOW);
    await say(socket, '{"received":100}');
    expect(idsOf(socket)).toHaveLength(WINDOW + 100);
    await say(socket, `{"received":${WINDOW + 100}}`);
    expect(idsOf(socket)).toHaveLength(2 * WINDOW + 100);
  });

  test("reads once for clients at the same place, however many they are", async ({ expect }) => {
    const { open, events, feed, settle } = start();
    const sockets = [await open(), await open(), await open(), await open()];
    await open({ type: "user.deleted", userId: null });
    const before = events.queries.length;
    const event = buildEvent();
    events.add(event);
    expect(feed().nudge()).toBe(true);
    await settle();
    expect(sockets.map(idsOf)).toEqual(Array(4).fill([event.eventId]));
    expect(events.queries.length - before).toBe(2);
  });

  test("asks for small pages where there is little room", async ({ expect }) => {
    const { open, say, events } = start(2_000);
    const socket = await open();
    await say(socket, '{"received":70}');
    expect(events.queries.map(({ limit }) => limit)).toEqual([100, 100, 56, 70]);
  });

  test("has nothing to do when nobody is there", async ({ expect }) => {
    const { open, feed, settle, events, alarmIn } = start();
    const socket = await open();
    expect(alarmIn()).toBeGreaterThan(0);
    feed().leave(socket);
    await settle();
    expect(alarmIn()).toBeNull();
    expect(feed().nudge()).toBe(false);
    expect(events.queries).toHaveLength(1);
  });
});

describe("A client", () => {
  test("that is full for too long is cut off, and one that acknowledges in time is not", async ({ expect }) => {
    const { open, say, pass, ends } = start(2_000);
    const [slow, quick] = [await open(), await open()];
    await pass(29_000);
    await say(quick, '{"received":1}');
    await pass(1_000);
    expect(slow.closing()).toEqual({ code: 1_008, reason: expect.stringMatching(/^too slow/) });
    expect(quick.closing()).toBeNull();
    await pass(31_000);
    expect(ends).toEqual(["reader_too_slow", "reader_too_slow"]);
    expect(idsOf(quick)).toHaveLength(WINDOW + 1);
  });

  test("whose time is over is told to come again", async ({ expect }) => {
    const { open, pass, alarmIn } = start();
    const socket = await open();
    await pass(LIMITS.socketMs - 1);
    expect(socket.closing()).toBeNull();
    await pass(1);
    expect(socket.closing()).toMatchObject({ code: 1_001 });
    expect(alarmIn()).toBeNull();
  });

  test("hears from time to time where it stands, and not before", async ({ expect }) => {
    const { open, pass, events, settle, feed } = start();
    const socket = await open();
    await pass(30_000);
    const beats = socket.sent.length;
    expect(beats).toBeGreaterThanOrEqual(2);
    events.add(buildEvent());
    feed().nudge();
    await settle();
    await pass(10_000);
    expect(socket.sent).toHaveLength(beats + 1);
    await pass(20_000);
    expect(socket.sent.at(-1)?.event).toBeUndefined();
  });

  test("that has left is sent nothing, and told of once", async ({ expect }) => {
    const { open, feed, settle, events, ends } = start();
    const socket = await open();
    feed().leave(socket);
    feed().leave(socket);
    events.add(buildEvent());
    feed().nudge();
    await settle();
    expect(socket.sent).toHaveLength(1);
    expect(ends).toEqual(["reader_left"]);
  });
});

describe("What a nudge was about", () => {
  test("is found a moment later, when it was held back", async ({ expect }) => {
    const { open, feed, settle, events, pass } = start();
    const socket = await open();
    feed().nudge();
    await settle();
    const event = buildEvent();
    events.add(event);
    await pass(100);
    expect(idsOf(socket)).toEqual([event.eventId]);
  });

  test("is found by the next beat, when the nudge is lost", async ({ expect }) => {
    const { open, events, pass } = start();
    const socket = await open();
    const event = buildEvent();
    events.add(event);
    await pass(14_999);
    await pass(1);
    expect(idsOf(socket)).toEqual([event.eventId]);
  });

  test("is found though it happened while the feed was being read", async ({ expect }) => {
    const { open, feed, settle, events } = start();
    const socket = await open();
    feed().nudge();
    const event = buildEvent();
    // The read is under way: what it sees is already decided.
    queueMicrotask(() => {
      events.add(event);
      feed().nudge();
    });
    await settle();
    expect(idsOf(socket)).toEqual([event.eventId]);
  });
});

describe("An object that has slept", () => {
  test("knows what it has to: where a client stands, what it has acknowledged, and since when it is full", async ({
    expect,
  }) => {
    const { open, say, sleep, pass, events } = start(600);
    const socket = await open();
    sleep();
    await say(socket, `{"received":${WINDOW}}`);
    sleep();
    expect(idsOf(socket)).toHaveLength(2 * WINDOW);
    await say(socket, `{"received":${2 * WINDOW}}`);
    expect(new Set(idsOf(socket)).size).toBe(600);
    events.add(...Array.from({ length: 1_000 }, () => buildEvent()));
    sleep();
    await pass(15_000);
    sleep();
    await pass(30_000);
    expect(socket.closing()).toMatchObject({ code: 1_008 });
  });

  test("does not believe a client that claims more than it was sent before", async ({ expect }) => {
    const { open, say, sleep } = start(3);
    const socket = await open();
    sleep();
    await say(socket, '{"received":4}');
    expect(socket.closing()).toEqual({ code: 1_008, reason: expect.stringMatching(/^not understood/) });
  });
});

describe("A database", () => {
  test("that fails is asked again with growing pauses, and goes on where it was", async ({ expect }) => {
    const { open, events, pass, interruptions } = start(3);
    events.failNext(...Array.from({ length: 4 }, () => new AppError("database-unavailable")));
    const socket = await open();
    await pass(7_499);
    expect(idsOf(socket)).toEqual([]);
    await pass(1);
    expect(idsOf(socket)).toHaveLength(3);
    expect(interruptions).toHaveLength(4);
  });

  test("that stays away ends sockets after five failures in a row, also of an object that slept between them", async ({
    expect,
  }) => {
    const { open, events, pass, sleep, ends } = start();
    events.failNext(...Array.from({ length: 5 }, () => new AppError("overloaded")));
    const socket = await open();
    sleep();
    await pass(7_500);
    expect(socket.closing()).toMatchObject({ code: 1_013 });
    expect(ends).toEqual(["database_failed"]);
  });

  test("that has removed what comes next ends the sockets that it was for, and no others", async ({ expect }) => {
    const { open, events, say } = start(300);
    const behind = await open();
    events.sweep(290);
    const ahead = await open();
    await say(behind, `{"received":${WINDOW}}`);
    expect(behind.closing()).toEqual({ code: 1_008, reason: expect.stringMatching(/^cursor expired/) });
    expect(ahead.closing()).toBeNull();
    expect(idsOf(ahead)).toHaveLength(10);
  });
});
