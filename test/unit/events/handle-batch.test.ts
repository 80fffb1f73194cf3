import { test } from "vitest";

import type { LaneMessage } from "../../../events/src/models/delivery.ts";
import { createBatchHandler, type QueueMessage } from "../../../events/src/queue/handle-batch.ts";

/** Works on messages with these bodies, of which those of `failing` fail; gives what became of each, and the pauses. */
async function handle(bodies: readonly unknown[], failing: readonly LaneMessage[] = []) {
  const fates: string[] = [];
  const pauses: number[] = [];
  const lanes = new Set(failing.map(({ subject_id: subjectId }) => subjectId));
  const handleBatch = createBatchHandler({
    deliver: async ({ subjectId }) => {
      if (lanes.has(subjectId)) throw new Error("the database is away");
    },
    sleep: async (milliseconds) => void pauses.push(milliseconds),
  });
  const messages = bodies.map((body, place): QueueMessage => ({
    body,
    ack: () => void (fates[place] = "done"),
    retry: ({ delaySeconds }) => void (fates[place] = `again in ${delaySeconds} s`),
  }));
  return { errors: await handleBatch(messages), fates, pauses };
}

const another = (): LaneMessage => ({ endpoint_id: crypto.randomUUID(), subject_id: crypto.randomUUID() });

test("a message whose work fails comes back, the others are done", async ({ expect }) => {
  const [good, bad] = [another(), another()];
  expect(await handle([good, bad], [bad])).toEqual({
    errors: [new Error("the database is away")],
    fates: ["done", "again in 5 s"],
    pauses: [],
  });
});

test("when nothing of a batch can be worked on, the next one waits", async ({ expect }) => {
  const bad = [another(), another()];
  expect(await handle(bad, bad)).toMatchObject({ fates: ["again in 5 s", "again in 5 s"], pauses: [1_000] });
  expect(await handle([])).toEqual({ errors: [], fates: [], pauses: [] });
});

test("what names no lane is not wanted again", async ({ expect }) => {
  const { errors, fates } = await handle([another(), { endpoint_id: "x" }]);
  expect(fates).toEqual(["done", "done"]);
  expect(errors).toEqual([new TypeError("a message that names no lane")]);
});
