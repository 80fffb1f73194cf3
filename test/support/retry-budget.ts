import type { Stack } from "./stack.ts";

/** Answers that earn the whole budget of retries (src/db/database.ts). */
const ANSWERS = 200;
const AT_ONCE = 20;

/** Lets the isolate earn its retries again, so that a test does not depend on those before it. */
export async function refillRetryBudget(stack: Stack): Promise<void> {
  for (let answers = 0; answers < ANSWERS; answers += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => stack.request("/api/v1/users?limit=1")));
  }
}
