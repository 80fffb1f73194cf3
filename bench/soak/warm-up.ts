import { setTimeout as sleep } from "node:timers/promises";

import { residentMegabytes } from "./resident.ts";

/**
 * V8 does not give back what it has taken, and takes more until its heap, its buffers and the runtime's caches have the size that the
 * load needs: some hundred thousand requests. What grows after that is growth.
 */
export interface WarmUp {
  readonly seconds: number;
  readonly requests: number;
  /** Average of the resident size in each stretch. */
  readonly megabytes: readonly number[];
  /** The last stretch was no larger than the one before, by more than a collector's saw-tooth. */
  readonly hasSettled: boolean;
}

const STRETCH_SECONDS = 60;
const MAX_STRETCHES = 8;
const SETTLED_MEGABYTES = 2;

/**
 * Loads the process until its size does not change from one minute to the next.
 * @param load sends as much as it can for so many seconds, and gives the number of requests
 */
export async function warmUp(
  pid: number,
  load: (stretch: number, seconds: number) => Promise<number>,
  onStatus: (text: string) => void,
): Promise<WarmUp> {
  const megabytes: number[] = [];
  let requests = 0;
  while (megabytes.length < MAX_STRETCHES && !hasSettled(megabytes)) {
    const sampling = new AbortController();
    const mean = meanWhile(pid, sampling.signal);
    requests += await load(megabytes.length, STRETCH_SECONDS).finally(() => sampling.abort());
    megabytes.push(await mean);
    onStatus(`warm-up: ${requests} requests, ${megabytes.map((size) => size.toFixed(0)).join(", ")} MB`);
  }
  return { seconds: megabytes.length * STRETCH_SECONDS, requests, megabytes, hasSettled: hasSettled(megabytes) };
}

/** @param megabytes averages of one stretch after the other */
export function hasSettled(megabytes: readonly number[]): boolean {
  const [before, last] = megabytes.slice(-2);
  return before !== undefined && last !== undefined && last - before < SETTLED_MEGABYTES;
}

async function meanWhile(pid: number, signal: AbortSignal): Promise<number> {
  let sum = 0;
  let count = 0;
  while (!signal.aborted) {
    sum += residentMegabytes(pid);
    count += 1;
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
  return sum / count;
}
