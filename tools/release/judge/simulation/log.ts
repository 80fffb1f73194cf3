import { type Block, OVERDUE_MS } from "../../measure/measurement.ts";
import type { Served } from "./service.ts";

/** What the probes know of one version at some moment. */
export interface LogReading {
  readonly blocks: readonly Block[];
  /** Milliseconds for which the oldest request has been under way that is not overdue. */
  readonly oldestPendingMs: number;
}

export interface Log {
  /** The requests of the next second. */
  add(served: readonly Served[]): void;
  /** @param now milliseconds since the step began */
  read(now: number): LogReading;
}

export function createLog(): Log {
  const blocks: Block[] = [];
  let open: { readonly second: number; readonly served: readonly Served[] }[] = [];
  return {
    add(served) {
      open.push({ second: blocks.length, served });
      blocks.push({ succeededMs: [], failedMs: [], waitingMs: [] });
    },
    read(now) {
      for (const { second, served } of open) blocks[second] = toBlock(served, now);
      // What has ended stays as it is.
      open = open.filter(({ served }) => served.some(({ endsAt }) => endsAt > now));
      const pending = open.flatMap(({ second }) => blocks[second]?.waitingMs ?? []).filter((ms) => ms < OVERDUE_MS);
      return { blocks, oldestPendingMs: Math.max(0, ...pending) };
    },
  };
}

function toBlock(served: readonly Served[], now: number): Block {
  const ended = served.filter(({ endsAt }) => endsAt <= now);
  const tookMs = (isFailed: boolean): number[] =>
    ended.flatMap((one) => (one.isFailed === isFailed ? [one.endsAt - one.sentAt] : []));
  return {
    succeededMs: tookMs(false),
    failedMs: tookMs(true),
    waitingMs: served.filter(({ endsAt }) => endsAt > now).map(({ sentAt }) => now - sentAt),
  };
}
