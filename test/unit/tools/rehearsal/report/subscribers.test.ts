import { describe, test } from "vitest";

import { checkSubscribers } from "../../../../../tools/rehearsal/report/check-subscribers.ts";
import { toSubscriber } from "../../../../../tools/rehearsal/report/document.ts";
import type { Evaluation } from "../../../../../tools/rehearsal/report/evaluation.ts";
import { evaluateSubscribers } from "../../../../../tools/rehearsal/report/subscribers.ts";
import type { Kind, Sightings } from "../../../../../tools/rehearsal/subscribers/kinds.ts";

/** Two events of each of two users, in turn: a1 b1 a2 b2. */
const OUTBOX = ["a1", "b1", "a2", "b2"].map((id, place) => ({ id, userId: id[0] ?? "", occurredAt: place }));

interface Seen {
  readonly kind: Kind;
  readonly ids: string;
  readonly webhookSince?: number;
  readonly hasRoom?: boolean;
  readonly parts?: Partial<Sightings>;
}

function check({ kind, ids, webhookSince = 0, hasRoom = true, parts = {} }: Seen) {
  const seen = { kind, ids: ids.split(" "), reconnects: 7, invalid: [], ...parts };
  const subscribers = evaluateSubscribers({ sightings: [seen], outbox: OUTBOX, webhookSince });
  const room = { shortages: hasRoom ? [] : [{ from: 0, to: 1 }] };
  return checkSubscribers({ subscribers, room } as unknown as Evaluation)[0];
}

const FEEDS = ["sse", "pages", "websocket"] as const;

describe.for([...FEEDS])("a subscriber of the feed by %s", (kind) => {
  test("has seen each event once", ({ expect }) => {
    expect(check({ kind, ids: "a1 b1 a2 b2" })).toMatchObject({
      outcome: "held",
      detail: "4 of 4, reconnected 7 times",
    });
  });

  test.for([
    ["misses one", "a1 b1 b2", "3 of 4, reconnected 7 times; 1 lost: a2"],
    ["sees one twice", "a1 b1 a2 a2 b2", "4 of 4, reconnected 7 times; 1 seen twice: a2"],
    ["sees a user's events swapped", "a2 b1 a1 b2", "4 of 4, reconnected 7 times; 1 out of order: a1"],
    ["sees one that is not there", "a1 b1 c1 a2 b2", "4 of 4, reconnected 7 times; 1 not in the outbox: c1"],
  ] as const)("is broken, room or not, when it %s", ([, ids, detail], { expect }) => {
    for (const hasRoom of [true, false])
      expect(check({ kind, ids, hasRoom })).toMatchObject({ outcome: "broken", detail });
  });

  test("may be late where there is no room, and nowhere else", ({ expect }) => {
    expect(check({ kind, ids: "a1 b1 a2" })).toMatchObject({
      outcome: "broken",
      detail: expect.stringContaining("1 not there in time: b2"),
    });
    expect(check({ kind, ids: "a1 b1 a2", hasRoom: false })?.outcome).toBe("inconclusive");
  });

  test("is broken by what is no event", ({ expect }) => {
    expect(check({ kind, ids: "a1 b1 a2 b2", parts: { invalid: ["a frame: {"] } })?.outcome).toBe("broken");
  });
});

describe("a subscriber by webhook", () => {
  const of = (ids: string, rest: Partial<Seen> = {}) => check({ kind: "webhook", ids, ...rest });

  test("has seen each event, again where an answer was lost", ({ expect }) => {
    expect(of("b1 a1 a2 a1 b2")).toMatchObject({ outcome: "held", detail: "4 of 4, 1 came again" });
  });

  test("need not have seen what happened before its endpoint, and may have", ({ expect }) => {
    expect(of("a2 b2", { webhookSince: 2 })).toMatchObject({ outcome: "held", detail: "2 of 2, 0 came again" });
    expect(of("b1 a2 b2", { webhookSince: 2 })?.outcome).toBe("held");
  });

  test.for([
    ["one of a user is missing before a later one", "a1 b1 b2 a3", "broken"],
    ["one of a user is missing after the others", "a1 b1 a2", "broken"],
    ["a user's events are swapped", "a2 a1 b1 b2", "broken"],
    ["users' events are side by side", "b1 b2 a1 a2", "held"],
  ] as const)("when %s", ([, ids, outcome], { expect }) => {
    expect(of(ids)?.outcome).toBe(outcome);
  });

  test("tells what is lost from what is late, user by user", ({ expect }) => {
    expect(of("b1 b2")?.detail).toContain("2 not there in time: a1, a2");
    expect(of("b2 a1 a2")?.detail).toContain("1 lost: b1");
    expect(of("b1 b2", { hasRoom: false })?.outcome).toBe("inconclusive");
  });
});

test("the document has the numbers, and some of the events", ({ expect }) => {
  const outbox = Array.from({ length: 50 }, (_, place) => ({ id: `e${place}`, userId: "user", occurredAt: place }));
  const sightings = [{ kind: "sse", ids: ["e0"], reconnects: 3, invalid: [] }] as const;
  const [result] = evaluateSubscribers({ sightings, outbox, webhookSince: 0 });
  const none = { count: 0, examples: [] };
  const late = { count: 49, examples: outbox.slice(1, 21).map(({ id }) => id) };
  expect(result === undefined ? null : toSubscriber(result)).toEqual({
    kind: "sse",
    expected: 50,
    seen: 1,
    reconnects: 3,
    lost: none,
    late,
    doubled: none,
    swapped: none,
    foreign: none,
  });
});

test("where nothing has happened, nothing is proved", ({ expect }) => {
  const sightings = [{ kind: "sse", ids: [], reconnects: 0, invalid: [] }] as const;
  const subscribers = evaluateSubscribers({ sightings, outbox: [], webhookSince: 0 });
  const checks = checkSubscribers({ subscribers, room: { shortages: [] } } as unknown as Evaluation);
  expect(checks.map(({ outcome }) => outcome)).toEqual(["broken"]);
});
