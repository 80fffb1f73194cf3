import { test } from "vitest";

import { Fastest } from "../../src/resilience/fastest.ts";

test("the fastest call is remembered for a period and forgotten after two", ({ expect }) => {
  const fastest = new Fastest();
  expect(fastest.ms).toBe(0);
  fastest.add(20, 0);
  fastest.add(5, 10);
  fastest.add(30, 20);
  expect(fastest.ms).toBe(5);
  fastest.add(40, 15_000);
  expect(fastest.ms).toBe(5);
  fastest.add(50, 30_000);
  expect(fastest.ms).toBe(40);
  fastest.add(60, 45_000);
  expect(fastest.ms).toBe(50);
});
