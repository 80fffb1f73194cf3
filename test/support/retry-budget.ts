import type { Stack } from "./stack.ts";

/** Answers that earn one retry (src/db/database.ts). */
const ANSWERS_PER_RETRY = 10;
const AT_ONCE = 20;

/** Lets the isolate earn again what retries a test may have spent, so that the next one does not depend on it. */
export async function refillRetryBudget(stack: Stack, retries: number): Promise<void> {
  for (let answers = 0; answers < retries * ANSWERS_PER_RETRY; answers += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => stack.request("/api/v1/users?limit=1")));
  }
}
