import { setTimeout as sleep } from "node:timers/promises";

import type { PostgresServer } from "../postgres/index.ts";
import { STARVED_SHARE } from "../rehearsal/room/shortage.ts";
import { type StarvationWatch, watchStarvation } from "../rehearsal/room/starvation.ts";

/** One end of the database and what came after it. */
export interface Outage {
  /** From the kill until it accepted connections again, in ms. */
  readonly downMs: number;
  /** From there until the API was ready and a read succeeded, in ms; null when that did not happen in time. */
  readonly recoveryMs: number | null;
  /** Whether the Worker's process had work and got no processor for it meanwhile. */
  readonly wasStarved: boolean;
}

/** From the database's return. */
export const MAX_RECOVERY_MS = 5_000;
/** Looks on for so long, to tell late from never. */
const GIVE_UP_MS = 30_000;
const PROBE_TIMEOUT_MS = 3_000;
const POLL_MS = 25;

export interface OutageOptions {
  readonly postgres: PostgresServer;
  /** How long it is gone before it is started again. */
  readonly downMs: number;
  readonly origin: string;
  readonly apiKey: string;
  /** Path of a user that is there. */
  readonly readPath: string;
  readonly signal: AbortSignal;
}

/** Kills the database, starts it again, and waits until the API is ready and can read. */
export async function runOutage({ postgres, downMs, signal, ...target }: OutageOptions): Promise<Outage> {
  const killedAt = performance.now();
  await postgres.crash();
  await sleep(downMs, undefined, { signal }).catch(() => undefined);
  await postgres.start();
  const backAt = performance.now();
  const starvation = watchStarvation(process.pid);
  starvation.look(backAt);
  const recoveryMs = await waitUntilRecovered(target, backAt, signal);
  return { downMs: backAt - killedAt, recoveryMs, wasStarved: isStarved(starvation, recoveryMs) };
}

function isStarved(starvation: StarvationWatch, recoveryMs: number | null): boolean {
  // Too short a time says nothing, and needs no excuse.
  if (recoveryMs !== null && recoveryMs <= MAX_RECOVERY_MS) return false;
  return starvation.look(performance.now()) > STARVED_SHARE;
}

async function waitUntilRecovered(
  { origin, apiKey, readPath }: Pick<OutageOptions, "origin" | "apiKey" | "readPath">,
  backAt: number,
  signal: AbortSignal,
): Promise<number | null> {
  const isOk = async (path: string): Promise<boolean> => {
    try {
      const headers = { "X-API-Key": apiKey, Connection: "close" };
      const response = await fetch(`${origin}${path}`, { headers, signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  };
  while (performance.now() - backAt < GIVE_UP_MS && !signal.aborted) {
    if ((await isOk("/ready")) && (await isOk(readPath))) return performance.now() - backAt;
    await sleep(POLL_MS);
  }
  return null;
}
