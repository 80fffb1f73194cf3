import { describe, test } from "vitest";

import {
  type FlagFileChange,
  FRESH_MS,
  KvFlagSource,
  MAX_AGE_MS,
  READ_TIMEOUT_MS,
  RETRY_MS,
} from "../../../src/flags/kv-flag-source.ts";

const OFF = '{"version":1,"flags":{"users-events-stream":"off"}}';
const HALF = '{"version":1,"flags":{"users-events-stream":"50%"}}';

interface Reading {
  resolve(text: string | null): void;
  reject(error: unknown): void;
}

/** A source over a namespace that answers when the test says so, and a clock that it moves. */
function createSource() {
  let now = 1_000_000;
  const readings: Reading[] = [];
  const changes: FlagFileChange[] = [];
  const timeouts: number[] = [];
  const work: Promise<unknown>[] = [];
  const source = new KvFlagSource({
    read: () =>
      new Promise((resolve, reject) => {
        readings.push({ resolve, reject });
      }),
    clock: () => now,
    withTimeout: async (promise, milliseconds) => {
      timeouts.push(milliseconds);
      return await promise;
    },
    onChange: (change) => changes.push(change),
  });
  const background = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
  const state = () => source.current().flags.get("users-events-stream");
  return {
    source,
    readings,
    changes,
    timeouts,
    background,
    state,
    /** Lets time pass. */
    pass: (milliseconds: number) => void (now += milliseconds),
    prepare: () => source.prepare(background),
    /** What the newest reading gives, and all that waits for it. */
    async answer(text: string | null | Error): Promise<void> {
      const reading = readings.at(-1);
      if (text instanceof Error) reading?.reject(text);
      else reading?.resolve(text);
      await Promise.all(work.splice(0));
      await Promise.resolve();
    },
    /** The first reading of the isolate. */
    async load(text: string | null | Error): Promise<void> {
      const waiting = source.prepare(background);
      await this.answer(text);
      await waiting;
    },
  };
}

describe("flags of a KV namespace", () => {
  test("are waited for by the first request of an isolate, for a bounded time", async ({ expect }) => {
    const { prepare, answer, state, timeouts, source } = createSource();
    expect(source.current()).toMatchObject({ file: "unread", readAt: null });
    const waiting = prepare();
    expect(waiting).not.toBeNull();
    await answer(OFF);
    await waiting;
    expect(state()).toBe("off");
    expect(timeouts).toEqual([READ_TIMEOUT_MS]);
  });

  test("cost nothing while they are fresh", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(FRESH_MS - 1);
    expect(made.prepare()).toBeNull();
    expect(made.readings).toHaveLength(1);
  });

  test("are renewed in the background, once at a time, while the old ones hold", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(FRESH_MS);
    expect([made.prepare(), made.prepare()]).toEqual([null, null]);
    expect(made.readings).toHaveLength(2);
    expect(made.state()).toBe("off");
    await made.answer(HALF);
    expect(made.state()).toBe("50%");
    expect(made.prepare()).toBeNull();
    expect(made.readings).toHaveLength(2);
  });

  test("are renewed again when the platform has ended the one who did so", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(FRESH_MS);
    void made.prepare();
    made.pass(READ_TIMEOUT_MS);
    void made.prepare();
    expect(made.readings).toHaveLength(3);
  });

  test("are waited for again after a long rest: nothing older than five minutes holds", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(MAX_AGE_MS);
    const waiting = made.prepare();
    expect(waiting).not.toBeNull();
    await made.answer(HALF);
    await waiting;
    expect(made.state()).toBe("50%");
  });

  test("are defaults while KV cannot be read, which is asked again after a pause", async ({ expect }) => {
    const made = createSource();
    await made.load(new Error("kv is down"));
    expect(made.source.current()).toMatchObject({ file: "unreachable", readAt: null });
    expect(made.state()).toBeUndefined();
    made.pass(RETRY_MS - 1);
    expect(made.prepare()).toBeNull();
    expect(made.readings).toHaveLength(1);
    made.pass(1);
    await made.load(OFF);
    expect(made.state()).toBe("off");
  });

  test("hold on while KV cannot be read, for five minutes, and are defaults then", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(FRESH_MS);
    void made.prepare();
    await made.answer(new Error("kv is down"));
    expect(made.state()).toBe("off");
    made.pass(MAX_AGE_MS - FRESH_MS);
    await made.load(new Error("kv is down"));
    expect(made.state()).toBeUndefined();
    expect(made.source.current().file).toBe("unreachable");
  });

  test("are defaults at once when the file is invalid or gone, without asking more often", async ({ expect }) => {
    for (const [text, file] of [
      ["{", "invalid"],
      [null, "absent"],
    ] as const) {
      const made = createSource();
      await made.load(OFF);
      made.pass(FRESH_MS);
      void made.prepare();
      await made.answer(text);
      expect(made.source.current().file).toBe(file);
      expect(made.state()).toBeUndefined();
      expect(made.prepare()).toBeNull();
      expect(made.readings).toHaveLength(2);
    }
  });

  test("of two readings at the same time keep what was asked for later", async ({ expect }) => {
    const made = createSource();
    const waiting = [made.prepare()];
    made.pass(10);
    waiting.push(made.prepare());
    made.readings[1]?.resolve(HALF);
    await waiting[1];
    made.readings[0]?.resolve(OFF);
    await waiting[0];
    expect(made.state()).toBe("50%");
  });

  test("without anybody who goes on after the answer, the one who asks waits", async ({ expect }) => {
    const made = createSource();
    await made.load(OFF);
    made.pass(FRESH_MS);
    const waiting = made.source.prepare(null);
    expect(waiting).not.toBeNull();
    await made.answer(HALF);
    await waiting;
    expect(made.state()).toBe("50%");
  });
});

describe("what is told of the file", () => {
  test("is each change once, and nothing of a namespace that never had one", async ({ expect }) => {
    const made = createSource();
    const error = new Error("kv is down");
    await made.load(null);
    const renew = async (text: string | null | Error): Promise<void> => {
      made.pass(FRESH_MS);
      void made.prepare();
      await made.answer(text);
    };
    for (const text of [null, OFF, OFF, error, error, OFF, HALF, "{", "{", "[]", null, null]) await renew(text);
    expect(made.changes.map(({ outcome, finding }) => [outcome, finding])).toEqual([
      ["loaded", null],
      ["unreachable", null],
      ["loaded", null],
      ["loaded", null],
      ["invalid", "is no JSON"],
      ["invalid", expect.stringContaining("the file")],
      ["absent", null],
    ]);
  });

  test("is what holds, and why it could not be read", async ({ expect }) => {
    const made = createSource();
    const error = new Error("kv is down");
    await made.load(OFF);
    made.pass(FRESH_MS);
    void made.prepare();
    await made.answer(error);
    expect(made.changes.at(-1)).toEqual({
      outcome: "unreachable",
      flags: new Map([["users-events-stream", "off"]]),
      finding: null,
      error,
    });
  });
});
