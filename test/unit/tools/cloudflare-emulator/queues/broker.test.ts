import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test, vi } from "vitest";

import { type Broker, createBroker, type Delivery } from "../../../../../tools/cloudflare-emulator/queues/broker.ts";
import type { BatchResult } from "../../../../../tools/cloudflare-emulator/queues/message.ts";
import {
  type ConsumerSettings,
  openQueues,
  type Queue,
  type Queues,
} from "../../../../../tools/cloudflare-emulator/queues/queues.ts";

const OK: BatchResult = {
  outcome: "ok",
  ackAll: false,
  retryBatch: { retry: false },
  explicitAcks: [],
  retryMessages: [],
};
const FAILED: BatchResult = { ...OK, outcome: "exception" };

let folder: string;
let queues: Queues;
let broker: Broker;
let deliveries: Delivery[];
let answer: (delivery: Delivery) => Promise<BatchResult | null>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  folder = mkdtempSync(path.join(tmpdir(), "queues-"));
  queues = openQueues(folder);
  deliveries = [];
  answer = () => Promise.resolve(OK);
  broker = createBroker({
    queues,
    log: () => undefined,
    now: () => new Date(0),
    deliver(delivery) {
      deliveries.push(delivery);
      return answer(delivery);
    },
  });
});

afterEach(() => {
  broker.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

async function makeQueue(name: string, parts: Partial<Queue> = {}): Promise<void> {
  await queues.save({ id: name, name, createdOn: "", settings: {}, consumer: null, ...parts });
}

const consumedBy = (settings: ConsumerSettings, deadLetterQueue: string | null = null): Partial<Queue> => ({
  consumer: { id: "c", script: "worker", deadLetterQueue, settings },
});

const send = (texts: readonly string[], delayS: number | null = null, usualDelayS: number | null = null): boolean =>
  broker.send(
    "jobs",
    texts.map((text) => ({ contentType: "text", body: Buffer.from(text), delayS })),
    usualDelayS,
  );
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
/** `attempts:bodies` of each batch. */
const batches = (): string[] =>
  deliveries.map(({ messages }) => `${messages[0]?.attempts}:${messages.map(({ body }) => body.toString()).join("")}`);

describe("a batch", () => {
  test("goes when it is full, and what is left over after its time", async ({ expect }) => {
    await makeQueue("jobs", consumedBy({ batch_size: 2, max_wait_time_ms: 1_000 }));
    send(["a", "b", "c"]);
    expect(batches()).toEqual(["1:ab"]);
    await pass(999);
    expect(batches()).toEqual(["1:ab"]);
    await pass(1);
    expect(batches()).toEqual(["1:ab", "1:c"]);
    expect(deliveries[0]).toMatchObject({ script: "worker", queue: "jobs" });
  });

  test("waits while as many as may run are under way", async ({ expect }) => {
    await makeQueue("jobs", consumedBy({ batch_size: 1, max_concurrency: 2 }));
    const { promise, resolve } = Promise.withResolvers<BatchResult>();
    answer = () => promise;
    send(["a", "b", "c"]);
    expect(batches()).toEqual(["1:a", "1:b"]);
    expect(broker.backlog("jobs")).toEqual({ count: 1, bytes: 1, oldest: new Date(0) });
    resolve(OK);
    await pass(0);
    expect(batches()).toEqual(["1:a", "1:b", "1:c"]);
  });
});

describe("a message", () => {
  test("waits for its delay, else for that of its binding, else for that of the queue", async ({ expect }) => {
    await makeQueue("jobs", { ...consumedBy({ batch_size: 1 }), settings: { delivery_delay: 3 } });
    send(["a"], 1, 2);
    send(["b"], null, 2);
    send(["c"]);
    for (const arrived of ["1:a", "1:b", "1:c"]) {
      expect(batches()).not.toContain(arrived);
      await pass(1_000);
      expect(batches().at(-1)).toBe(arrived);
    }
  });

  test("comes again after a failure, and last to the queue of dead letters under its id", async ({ expect }) => {
    await makeQueue("dead");
    await makeQueue("jobs", consumedBy({ batch_size: 1, max_retries: 2, retry_delay: 5 }, "dead"));
    answer = () => Promise.resolve(FAILED);
    send(["a"]);
    await pass(4_999);
    expect(batches()).toEqual(["1:a"]);
    await pass(60_000);
    expect(batches()).toEqual(["1:a", "2:a", "3:a"]);
    expect(broker.backlog("dead").count).toBe(1);
    answer = () => Promise.resolve(OK);
    await makeQueue("dead", consumedBy({ batch_size: 1 }));
    expect(deliveries.at(-1)).toMatchObject({
      queue: "dead",
      messages: [{ id: deliveries[0]?.messages[0]?.id, attempts: 1 }],
    });
  });

  test("is dropped after its last attempt where there is no such queue, and when its version is lost", async ({
    expect,
  }) => {
    await makeQueue("jobs", consumedBy({ batch_size: 1, max_retries: 1 }));
    answer = () => Promise.reject(new Error("lost"));
    send(["a"]);
    await pass(60_000);
    expect(batches()).toEqual(["1:a", "2:a"]);
    expect(broker.backlog("jobs").count).toBe(0);
  });

  test("waits, without an attempt, while its consumer cannot be called", async ({ expect }) => {
    await makeQueue("jobs", consumedBy({ batch_size: 1, max_retries: 0 }));
    answer = () => Promise.resolve(null);
    send(["a"]);
    await pass(2_500);
    answer = () => Promise.resolve(OK);
    await pass(1_000);
    expect(batches()).toEqual(["1:a", "1:a", "1:a", "1:a"]);
    await pass(10_000);
    expect(deliveries).toHaveLength(4);
  });

  test("stays in a queue that has no consumer, or is paused, until that changes", async ({ expect }) => {
    await makeQueue("jobs");
    send(["a"]);
    await makeQueue("jobs", { ...consumedBy({ batch_size: 1 }), settings: { delivery_paused: true } });
    expect(deliveries).toEqual([]);
    await makeQueue("jobs", consumedBy({ batch_size: 1 }));
    expect(batches()).toEqual(["1:a"]);
  });

  test("is gone with its queue", async ({ expect }) => {
    await makeQueue("jobs");
    send(["a"]);
    await queues.remove("jobs");
    expect(send(["b"])).toBe(false);
    await makeQueue("jobs", consumedBy({ batch_size: 1 }));
    await pass(60_000);
    expect(deliveries).toEqual([]);
  });
});

test("queues and their consumers outlive a restart, messages do not", async ({ expect }) => {
  await makeQueue("jobs", consumedBy({ batch_size: 7 }, "dead"));
  expect(openQueues(folder).findByName("jobs")).toEqual(queues.findByName("jobs"));
});
