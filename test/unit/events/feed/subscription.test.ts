import { describe, test } from "vitest";

import { readAcknowledgement, CLOSINGS } from "../../../../events/src/feed/protocol.ts";
import { LookAgain, nextAlarm } from "../../../../events/src/feed/schedule.ts";
import {
  acknowledge,
  isDue,
  noteFailure,
  roomOf,
  subscribe,
  type Subscription,
  takePage,
  WINDOW,
} from "../../../../events/src/feed/subscription.ts";
import type { EventPage } from "../../../../src/models/user-event.ts";
import { buildEvent } from "../../../support/fake-user-events.ts";

const NOW = 1_000_000;
const LIMITS = { socketMs: 3_600_000, patienceMs: 30_000, heartbeatMs: 15_000 };

const begin = (overrides: Partial<Subscription> = {}): Subscription => ({
  ...subscribe({ requestId: "r", filter: { type: null, userId: null }, position: { stamp: 1n, position: 0n } }, NOW),
  ...overrides,
});

function pageOf(count: number, isAtEnd: boolean): EventPage {
  const items = Array.from({ length: count }, (_, place) => ({
    ...buildEvent(),
    stamp: 10n + BigInt(place),
    position: BigInt(place),
  }));
  const last = items.at(-1) ?? { stamp: 9n, position: 0n };
  return { items, isAtEnd, next: isAtEnd ? { stamp: 1_000n, position: 0n } : last };
}

describe("A subscription", () => {
  test("takes a page whole where there is room, and stands behind it", ({ expect }) => {
    const { items, subscription } = takePage(begin(), pageOf(100, true), NOW + 5);
    expect(items).toHaveLength(100);
    expect(subscription).toMatchObject({
      sent: 100,
      position: { stamp: 1_000n, position: 0n },
      isBehind: false,
      lastSentAt: NOW + 5,
      fullSince: null,
    });
  });

  test("takes as much as there is room for, and stands behind the last one", ({ expect }) => {
    const { items, subscription } = takePage(begin({ sent: WINDOW - 3 }), pageOf(5, true), NOW + 5);
    expect(items).toHaveLength(3);
    expect(subscription).toMatchObject({ sent: WINDOW, position: { stamp: 12n }, isBehind: true, fullSince: NOW + 5 });
    expect(roomOf(subscription)).toBe(0);
    expect(isDue(subscription, NOW)).toBe(false);
  });

  test("keeps no event: a position is all that stays of it", ({ expect }) => {
    const { subscription } = takePage(begin(), pageOf(3, false), NOW);
    expect(Object.keys(subscription.position)).toEqual(["stamp", "position"]);
  });

  test("is full until something is acknowledged, and from when it was", ({ expect }) => {
    const full = begin({ sent: WINDOW, fullSince: NOW });
    expect(acknowledge(full, 0)?.fullSince).toBe(NOW);
    expect(acknowledge(full, 1)).toMatchObject({ received: 1, fullSince: null });
  });

  test.for([[257], [3]])("believes no client that has received %i of 256, after four", ([received = 0], { expect }) => {
    expect(acknowledge(begin({ sent: 256, received: 4 }), received)).toBeNull();
  });

  test("is read for after a failure, each time twice as long later, and at once after a success", ({ expect }) => {
    const pauses = [1, 2, 3, 4].map((failures) => noteFailure(begin({ failures: failures - 1 }), NOW).retryAt - NOW);
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
    const failed = noteFailure(begin(), NOW);
    expect(isDue(failed, NOW + 499)).toBe(false);
    expect(isDue(failed, NOW + 500)).toBe(true);
    expect(takePage(failed, pageOf(0, true), NOW).subscription).toMatchObject({ failures: 0, retryAt: 0 });
  });

  test("fits beside a socket, with the longest of all that it holds", ({ expect }) => {
    const huge = 2n ** 63n - 1n;
    const kept = begin({
      requestId: "x".repeat(128),
      filter: { type: "user.created", userId: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10" },
      position: { stamp: huge, position: huge },
      sent: Number.MAX_SAFE_INTEGER,
      received: Number.MAX_SAFE_INTEGER,
      fullSince: NOW,
    });
    const text = JSON.stringify(kept, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    expect(text.length).toBeLessThan(1_024);
  });
});

describe("What a client says", () => {
  test.for([
    ['{"received":0}', 0],
    ['{ "received": 256 }', 256],
    ['{"received":-1}', null],
    ['{"received":1.5}', null],
    ['{"received":"1"}', null],
    ['{"received":1,"more":1}', null],
    ["[1]", null],
    ["1", null],
    ["", null],
    [`{"received":1}${" ".repeat(60)}`, null],
    [new ArrayBuffer(2), null],
  ] as const)("as %s", ([message, received], { expect }) => {
    expect(readAcknowledgement(message)).toBe(received);
  });

  test("is answered by reasons that a closing has room for", ({ expect }) => {
    for (const { reason } of Object.values(CLOSINGS)) expect(new TextEncoder().encode(reason).length).toBeLessThan(124);
  });
});

describe("The alarm", () => {
  const BEAT = 1_005_000;
  test.for<[string, Partial<Subscription>, number | null, number]>([
    ["is the next beat", { isBehind: false }, null, BEAT],
    ["comes for what is to be looked at again", { isBehind: false }, NOW + 100, NOW + 100],
    ["comes for a socket whose time is over before", { isBehind: false, openedAt: NOW - 3_599_000 }, null, NOW + 1_000],
    [
      "comes for one that has been full for long",
      { isBehind: true, sent: WINDOW, fullSince: NOW - 29_000 },
      null,
      NOW + 1_000,
    ],
    ["comes for one whose read has failed", { retryAt: NOW + 500 }, null, NOW + 500],
    ["comes at once for what is late", { openedAt: NOW - 4_000_000, isBehind: false }, null, NOW],
  ])("%s", ([, parts, lookAgainAt, at], { expect }) => {
    expect(nextAlarm([begin(parts)], NOW, LIMITS, lookAgainAt)).toBe(at);
  });

  test("is none when nobody is there", ({ expect }) => {
    expect(nextAlarm([], NOW, LIMITS, NOW + 100)).toBeNull();
  });
});

describe("Looking again after a nudge", () => {
  const walk = (hasFound: boolean): number[] => {
    const again = new LookAgain();
    again.afterNudge(hasFound, NOW);
    const times: number[] = [];
    for (let { at } = again; at !== null; at = again.at) {
      times.push(at - NOW);
      if (!again.take(at)) throw new Error("it is time");
    }
    return times;
  };

  test("happens soon when nothing was found, then less and less often, and then no more", ({ expect }) => {
    expect(walk(false)).toEqual([100, 400, 1_400, 4_400]);
  });

  test("happens later when something was", ({ expect }) => {
    expect(walk(true)).toEqual([1_000, 4_000]);
  });

  test("is not put off by further nudges", ({ expect }) => {
    const again = new LookAgain();
    again.afterNudge(true, NOW);
    again.afterNudge(true, NOW + 900);
    expect(again.at).toBe(NOW + 1_000);
    again.afterNudge(false, NOW + 900);
    expect(again.at).toBe(NOW + 1_000);
    again.afterNudge(false, NOW + 100);
    expect(again.at).toBe(NOW + 200);
  });
});
