import type { Clock } from "../measure/clock.ts";

const PATIENCE_MS = 30_000;
const POLL_MS = 500;

/** Asks again, for half a minute, while the answer is one that passes by itself; gives the last one. */
export async function askPatiently<Answer>(
  ask: () => Promise<Answer>,
  isPassing: (answer: Answer) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (!isPassing(answer) || clock.now() >= deadline) return answer;
    await clock.sleep(POLL_MS, signal);
  }
}
