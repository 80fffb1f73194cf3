import { test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import { createMaintenanceService } from "../../src/services/maintenance-service.ts";
import { TEST_CONTEXT } from "../support/call-context.ts";
import { refusalOf } from "../support/refusals.ts";

const DAY_MS = 86_400_000;

function build({ now = () => new Date(), keys = async () => 0 }: { now?: () => Date; keys?: () => Promise<number> }) {
  const times: { keys: Date[]; events: Date[] } = { keys: [], events: [] };
  const maintenance = createMaintenanceService({
    idempotencyKeys: { deleteExpired: (time) => (times.keys.push(time), keys()) },
    userEvents: { deleteBefore: async (time) => (times.events.push(time), 3) },
    eventRetentionMs: 30 * DAY_MS,
    now,
  });
  return { maintenance, times };
}

test("given expired keys and events, when swept, then each is removed by one call, and the counts returned", async ({
  expect,
}) => {
  const now = new Date("2026-05-01T00:00:00.000Z");
  const { maintenance, times } = build({ now: () => now, keys: async () => 7 });
  expect(await maintenance.sweep(TEST_CONTEXT)).toEqual({ idempotencyKeys: 7, userEvents: 3 });
  expect(times).toEqual({ keys: [now], events: [new Date("2026-04-01T00:00:00.000Z")] });
});

test("given a later run, when swept, then the clock is read anew", async ({ expect }) => {
  let time = 1_000;
  const { maintenance, times } = build({ now: () => new Date(time) });
  await maintenance.sweep(TEST_CONTEXT);
  time = 61_000;
  await maintenance.sweep(TEST_CONTEXT);
  expect(times.keys.map(Number)).toEqual([1_000, 61_000]);
  expect(times.events.map(Number)).toEqual([1_000 - 30 * DAY_MS, 61_000 - 30 * DAY_MS]);
});

test("given a database that is down, when swept, then the caller gets that very failure", async ({ expect }) => {
  const failure = new AppError("database-unavailable");
  const { maintenance } = build({ keys: () => Promise.reject(failure) });
  expect(await refusalOf(maintenance.sweep(TEST_CONTEXT))).toBe(failure);
});
