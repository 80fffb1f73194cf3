import { describe, test } from "vitest";

import { createConductor } from "../../../../tools/chaos/conductor.ts";
import { FAULT_KINDS, FAULT_NAMES, LEAK_MARK } from "../../../../tools/chaos/faults/kinds.ts";
import { type Incident, makeSchedule } from "../../../../tools/chaos/faults/schedule.ts";
import { parseFault } from "../../../../tools/dev/gateway/faults.ts";
import { createRandom } from "../../../../tools/rehearsal/load/random.ts";

const SIZE = { operations: 50_000, faults: 200, kills: 5 };

describe("the schedule of incidents", () => {
  test("is the same for the same seed, and another for another", ({ expect }) => {
    expect(makeSchedule(SIZE, createRandom(7))).toEqual(makeSchedule(SIZE, createRandom(7)));
    expect(makeSchedule(SIZE, createRandom(7))).not.toEqual(makeSchedule(SIZE, createRandom(8)));
  });

  test("has every kind of fault about as often as every other, and all kills, in order", ({ expect }) => {
    const schedule = makeSchedule(SIZE, createRandom(7));
    const counts = Map.groupBy(
      schedule.flatMap((incident) => (incident.kind === "fault" ? [incident.name] : [])),
      (name) => name,
    );
    const [fewest, most] = [Math.floor(200 / FAULT_NAMES.length), Math.ceil(200 / FAULT_NAMES.length)];
    expect([...counts.keys()].toSorted()).toEqual(FAULT_NAMES.toSorted());
    for (const { length } of counts.values()) expect([fewest, most]).toContain(length);
    expect(schedule.filter(({ kind }) => kind === "kill")).toHaveLength(5);
    expect(schedule.map(({ at }) => at)).toEqual(schedule.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(schedule.at(-1)?.at).toBeLessThan(SIZE.operations);
  });

  test("the gateway knows every kind of fault, and all that say something carry the mark", ({ expect }) => {
    for (const name of FAULT_NAMES) {
      const fault = FAULT_KINDS[name];
      expect(parseFault(fault)).toEqual(fault);
      if ("body" in fault) expect(fault.body).toContain(LEAK_MARK);
    }
  });
});

describe("the conductor", () => {
  const start = (schedule: readonly Incident[], operations = 10) => {
    let time = 0;
    const acted: string[] = [];
    const stop = new AbortController();
    const conductor = createConductor({
      operations,
      rate: 100,
      schedule,
      act: async ({ kind, at }) => void acted.push(`${kind} at ${at}`),
      signal: stop.signal,
      now: () => time,
      sleep: async (ms) => void (time += ms),
    });
    return { conductor, acted, stop, elapsed: () => time };
  };

  test("lets so many operations begin, at the rate, and then none", async ({ expect }) => {
    const { conductor, elapsed } = start([]);
    const turns = [];
    for (let turn = 0; turn < 12; turn += 1) turns.push(await conductor.takeTurn());
    expect(turns).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
    expect(conductor.begun).toBe(10);
    expect(elapsed()).toBeCloseTo(100, 5);
  });

  test("lets incidents happen when so many have begun, each once", async ({ expect }) => {
    const { conductor, acted } = start([
      { at: 2, kind: "fault", name: "413", match: null },
      { at: 2, kind: "kill", downMs: 1 },
      { at: 5, kind: "kill", downMs: 1 },
    ]);
    await conductor.takeTurn();
    await conductor.settle();
    expect(acted).toEqual([]);
    await conductor.takeTurn();
    await conductor.settle();
    expect(acted.toSorted()).toEqual(["fault at 2", "kill at 2"]);
    for (let turn = 0; turn < 10; turn += 1) await conductor.takeTurn();
    await conductor.settle();
    expect(acted).toHaveLength(3);
  });

  test("a second kill waits for the end of the first", async ({ expect }) => {
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const conductor = createConductor({
      operations: 3,
      rate: 1_000,
      schedule: [
        { at: 1, kind: "kill", downMs: 1 },
        { at: 2, kind: "kill", downMs: 2 },
      ],
      async act(incident) {
        order.push(`begin ${incident.at}`);
        if (incident.at === 1) await first.promise;
        order.push(`end ${incident.at}`);
      },
      signal: new AbortController().signal,
      now: () => 0,
      sleep: async () => undefined,
    });
    for (let turn = 0; turn < 3; turn += 1) await conductor.takeTurn();
    expect(order).toEqual(["begin 1"]);
    first.resolve();
    await conductor.settle();
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  test("an interrupt ends it", async ({ expect }) => {
    const { conductor, stop } = start([]);
    expect(await conductor.takeTurn()).toBe(true);
    stop.abort();
    expect(await conductor.takeTurn()).toBe(false);
  });
});
