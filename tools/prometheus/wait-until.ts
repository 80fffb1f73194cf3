import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** What is waited for, for the error. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Told every time what there is instead. */
  readonly onWait?: (seen: string) => void;
  readonly boundMs?: number;
}

const POLL_MS = 250;
/** For a machine that is busy with other work; usually seconds are enough. */
const BOUND_MS = 90_000;

/** Asks until the answer is null; what it says else is in the error when that does not come about. */
export async function waitUntil(
  look: () => Promise<string | null>,
  { what, signal, onWait, boundMs = BOUND_MS }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen === null) return;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${boundMs / 1_000} s\n${seen}`);
    onWait?.(seen);
    await sleep(POLL_MS, undefined, { signal });
  }
}
