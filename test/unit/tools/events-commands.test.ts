import { describe, test } from "vitest";

import { UsageError } from "../../../tools/command/usage-error.ts";
import { judgeReceiver, type OutboxEvent } from "../../../tools/events-chaos/check.ts";
import { scheduleIncidents } from "../../../tools/events-chaos/incidents.ts";
import { parseEventsChaosOptions } from "../../../tools/events-chaos/options.ts";
import type { Sighting } from "../../../tools/events-chaos/receiver.ts";
import { parseReplayOptions } from "../../../tools/events/replay/options.ts";
import { createRandom } from "../../../tools/rehearsal/load/random.ts";

const ENDPOINT = "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33";
const URL = "postgresql://owner:secret@db.example.com/users";

describe("npm run webhooks:replay", () => {
  const parse = (...args: string[]) => parseReplayOptions(args, { MIGRATION_DATABASE_URL: URL });

  test("takes what is dead, or all since a time", ({ expect }) => {
    expect(parse("--endpoint", ENDPOINT.toUpperCase(), "--dead")).toEqual({
      postgresUrl: URL,
      endpointId: ENDPOINT,
      isDeadOnly: true,
      since: null,
    });
    expect(parse("--endpoint", ENDPOINT, "--since", "2026-01-31T12:00:00+01:00")).toMatchObject({
      isDeadOnly: false,
      since: new Date("2026-01-31T11:00:00Z"),
    });
    expect(parse("--help")).toBeNull();
  });

  test.for([
    [["--dead"], "--endpoint must be"],
    [["--endpoint", "x", "--dead"], "--endpoint must be"],
    [["--endpoint", ENDPOINT], "Say what"],
    [["--endpoint", ENDPOINT, "--since", "yesterday"], "--since must be a time"],
    [["--endpoint", ENDPOINT, "--since", "2026-02-31T25:00:00Z"], "--since must be a time"],
    [["--endpoint", ENDPOINT, "--dead", "--url", "mysql://secret"], "not of the form"],
    [["--all"], "--all"],
  ] as const)("%j: %s", ([args, message], { expect }) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).not.toThrow("secret");
  });
});

test("npm run test:events has defaults, and refuses what it cannot do", ({ expect }) => {
  expect(parseEventsChaosOptions(["--seed", "7"])).toEqual({ changes: 20_000, incidents: 60, seconds: 1_200, seed: 7 });
  expect(parseEventsChaosOptions(["--help"])).toBeNull();
  expect(() => parseEventsChaosOptions(["--changes", "1"])).toThrow("--changes must be a whole number from 10");
});

test("incidents are of every kind, in order, and the same for a seed", ({ expect }) => {
  const schedule = scheduleIncidents(60, createRandom(5));
  expect(schedule).toEqual(scheduleIncidents(60, createRandom(5)));
  expect(new Set(schedule.map(({ kind }) => kind))).toEqual(
    new Set(["gateway", "consumer", "database", "receiver", "runtime"]),
  );
  expect(schedule.map(({ at }) => at)).toEqual(schedule.map(({ at }) => at).toSorted((left, right) => left - right));
});

describe("what a receiver saw", () => {
  const outbox: readonly OutboxEvent[] = [
    { id: "a1", type: "user.created", userId: "a", userVersion: 1 },
    { id: "b1", type: "user.created", userId: "b", userVersion: 1 },
    { id: "a2", type: "user.updated", userId: "a", userVersion: 2 },
  ];
  const see = (id: string, given: Partial<Sighting> = {}): Sighting => {
    const event = outbox.find((one) => one.id === id) ?? { id, type: "user.created", userId: "c", userVersion: 1 };
    return { ...event, times: 1, isTaken: true, ...given };
  };

  test("is right when everything came, in each user's order, some of it twice", ({ expect }) => {
    const verdict = judgeReceiver(outbox, [see("b1"), see("a1", { times: 3 }), see("a2")]);
    expect(verdict).toEqual({ expected: 3, taken: 3, lost: [], doubles: 2, disordered: [], wrong: [] });
  });

  test.for([
    ["an event that never came", [see("a1"), see("a2")], { lost: ["b1"] }],
    [
      "an event that was seen, and never taken",
      [see("a1"), see("b1", { isTaken: false }), see("a2")],
      { lost: ["b1"] },
    ],
    ["an event that was overtaken", [see("a2"), see("a1"), see("b1")], { disordered: ["a1"] }],
    ["an event that nobody sent", [see("a1"), see("b1"), see("a2"), see("x")], { wrong: ["x"] }],
    ["an event that is another", [see("a1"), see("b1"), see("a2", { userVersion: 3 })], { wrong: ["a2"] }],
  ] as const)("is not: %s", ([, seen, finding], { expect }) => {
    expect(judgeReceiver(outbox, seen)).toMatchObject(finding);
  });
});
