import { setTimeout as sleep } from "node:timers/promises";

/** For what hangs: servers start within a second or two, and in half a minute beside much other work. */
const START_TIMEOUT_MS = 60_000;
/** Starts are measured with it. */
const POLL_MS = 1;

/** Waits until something answers HTTP at `url`, whatever it answers; `isAlive` tells when waiting is in vain. */
export async function waitForAnswer(url: string, isAlive: () => boolean): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (isAlive() && performance.now() < deadline) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await sleep(POLL_MS);
    }
  }
  throw new Error(isAlive() ? `nothing answers at ${url}` : "the process ended before it answered");
}
