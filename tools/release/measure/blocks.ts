import { type Block, BLOCK_MS } from "./measurement.ts";
import type { WaitingRequest } from "./pending.ts";

/** What has ended so far of the requests that were sent in one second. */
export type OpenBlock = Readonly<Record<"succeededMs" | "failedMs", number[]>>;

/** A version's requests, by the second in which they were sent. */
export interface Blocks {
  /** @param sentAt milliseconds, from the same moment as the start */
  at(sentAt: number): OpenBlock;
  ended(): number;
  failed(): number;
  /** A copy, with those that are still under way. */
  snapshot(waiting: readonly WaitingRequest[]): readonly Block[];
}

/** @param startedAt where seconds are counted from */
export function createBlocks(startedAt: number): Blocks {
  const blocks: OpenBlock[] = [];
  const secondOf = (sentAt: number): number => Math.floor((sentAt - startedAt) / BLOCK_MS);
  const total = (count: (block: OpenBlock) => number): number => blocks.reduce((sum, block) => sum + count(block), 0);
  return {
    at(sentAt) {
      for (let second = blocks.length; second < secondOf(sentAt); second++) blocks.push(emptyBlock());
      const block = blocks[secondOf(sentAt)] ?? emptyBlock();
      blocks[secondOf(sentAt)] = block;
      return block;
    },
    ended: () => total(({ succeededMs, failedMs }) => succeededMs.length + failedMs.length),
    failed: () => total(({ failedMs }) => failedMs.length),
    snapshot(waiting) {
      const bySecond = Map.groupBy(waiting, ({ sentAt }) => secondOf(sentAt));
      return blocks.map(({ succeededMs, failedMs }, second) => ({
        succeededMs: [...succeededMs],
        failedMs: [...failedMs],
        waitingMs: (bySecond.get(second) ?? []).map(({ waitingMs }) => waitingMs),
      }));
    },
  };
}

const emptyBlock = (): OpenBlock => ({ succeededMs: [], failedMs: [] });
