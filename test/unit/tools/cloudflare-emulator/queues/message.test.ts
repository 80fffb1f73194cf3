import { describe, test } from "vitest";

import {
  type BatchResult,
  type QueuedMessage,
  retriesOf,
} from "../../../../../tools/cloudflare-emulator/queues/message.ts";

const BATCH = ["a", "b", "c"].map((id): QueuedMessage => ({
  id,
  sentAt: new Date(0),
  attempts: 1,
  contentType: "text",
  body: Buffer.from(id),
}));

const QUIET: BatchResult = {
  outcome: "ok",
  ackAll: false,
  retryBatch: { retry: false },
  explicitAcks: [],
  retryMessages: [],
};

function retried(result: Partial<BatchResult>): Record<string, number | null> {
  const retries = retriesOf(BATCH, { ...QUIET, ...result });
  return Object.fromEntries(retries.map(({ message, delayS }) => [message.id, delayS]));
}

describe("what is left of a batch", () => {
  test("is nothing when the handler ends well and says nothing", ({ expect }) => {
    expect(retried({})).toEqual({});
  });

  test("is all that was not acknowledged when it fails", ({ expect }) => {
    expect(retried({ outcome: "exception" })).toEqual({ a: null, b: null, c: null });
    expect(retried({ outcome: "exception", explicitAcks: ["b"] })).toEqual({ a: null, c: null });
    expect(retried({ outcome: "exception", ackAll: true })).toEqual({});
  });

  test("is what it wants again, each with its delay", ({ expect }) => {
    expect(retried({ retryMessages: [{ msgId: "b", delaySeconds: 7 }, { msgId: "c" }] })).toEqual({ b: 7, c: null });
    expect(retried({ retryBatch: { retry: true, delaySeconds: 3 }, explicitAcks: ["a"] })).toEqual({ b: 3, c: 3 });
  });

  test("goes by what was said of one message before what was said of all", ({ expect }) => {
    expect(retried({ ackAll: true, retryMessages: [{ msgId: "c", delaySeconds: 0 }] })).toEqual({ c: 0 });
    const both = { retry: true, delaySeconds: 3 };
    expect(retried({ retryBatch: both, retryMessages: [{ msgId: "c", delaySeconds: 9 }] })).toMatchObject({ c: 9 });
  });
});
