import { test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import { createMaintenanceService } from "../../src/services/maintenance-service.ts";
import { TEST_CONTEXT } from "../support/call-context.ts";
import { refusalOf } from "../support/refusals.ts";

test("given expired keys, when swept, then what expired before now is removed by one call, and the count returned", async ({
  expect,
}) => {
  const times: Date[] = [];
  const deleteExpired = async (time: Date) => {
    times.push(time);
    return 7;
  };
  const now = new Date("2026-05-01T00:00:00.000Z");
  const maintenance = createMaintenanceService({ idempotencyKeys: { deleteExpired }, now: () => now });
  expect(await maintenance.sweep(TEST_CONTEXT)).toBe(7);
  expect(times).toEqual([now]);
});

test("given a later run, when swept, then the clock is read anew", async ({ expect }) => {
  const times: number[] = [];
  let time = 1_000;
  const maintenance = createMaintenanceService({
    idempotencyKeys: { deleteExpired: async (date) => times.push(date.getTime()) },
    now: () => new Date(time),
  });
  await maintenance.sweep(TEST_CONTEXT);
  time = 61_000;
  await maintenance.sweep(TEST_CONTEXT);
  expect(times).toEqual([1_000, 61_000]);
});

test("given a database that is down, when swept, then the caller gets that very failure", async ({ expect }) => {
  const failure = new AppError("database-unavailable");
  const idempotencyKeys = { deleteExpired: () => Promise.reject(failure) };
  const maintenance = createMaintenanceService({ idempotencyKeys, now: () => new Date() });
  expect(await refusalOf(maintenance.sweep(TEST_CONTEXT))).toBe(failure);
});
