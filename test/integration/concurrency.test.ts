import { afterAll, beforeAll, test } from "vitest";

import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  // A thousand requests at once queue up on a small machine; what counts here is who wins, not how soon.
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "60000" } });
});

afterAll(async () => {
  await stack.stop();
});

async function race(count: number, body: (i: number) => object): Promise<Record<string, number>> {
  const send = async (i: number): Promise<string> => {
    const response = await stack.sendJson("/api/v1/users", body(i));
    const { type }: { type?: string } = JSON.parse(await response.text());
    return type === undefined ? String(response.status) : `${response.status} ${type}`;
  };
  const outcomes = await Promise.all(Array.from({ length: count }, async (_, i) => await send(i)));
  return Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, (outcome) => outcome)).map(([key, all]) => [key, all?.length ?? 0]),
  );
}

test("of 1,000 concurrent creations of one username, one succeeds and 999 are told that it is taken", async ({
  expect,
}) => {
  stack.gateway.resetStats();
  const outcomes = await race(1_000, (i) => ({
    username: "RaceMe",
    email: `racer${i}@example.com`,
    full_name: "Racer",
  }));
  expect(outcomes).toEqual({ "201": 1, "409 /problems/username-taken": 999 });
  expect(stack.gateway.stats.requests).toBe(1_000);
});

test("of 100 concurrent creations of one email address, one succeeds and 99 are told that it is taken", async ({
  expect,
}) => {
  const outcomes = await race(100, (i) => ({ username: `racer${i}`, email: "race@example.com", full_name: "Racer" }));
  expect(outcomes).toEqual({ "201": 1, "409 /problems/email-taken": 99 });
});
