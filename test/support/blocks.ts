import type { Block, Measurement } from "../../tools/release/measure/measurement.ts";

/** Eight requests of one second, of which some fail at once, and the others are answered after about as long. */
export function secondOf({ ms = 20, failed = 0, of = 8 }: { ms?: number; failed?: number; of?: number } = {}): Block {
  return {
    succeededMs: Array.from({ length: of - failed }, (_, place) => ms - 2 + (place % 5)),
    failedMs: Array.from({ length: failed }, () => 5),
    waitingMs: [],
  };
}

/** A second in which nothing is answered, for a long time. */
export const stalledSecond = (ms = 3_500): Block => ({
  succeededMs: Array.from({ length: 8 }, () => ms),
  failedMs: [],
  waitingMs: [],
});

export const repeat = (seconds: number, block: Block = secondOf()): readonly Block[] =>
  Array.from({ length: seconds }, () => block);

/** What a source would tell of these seconds. */
export function measurementOf(blocks: readonly Block[]): Measurement {
  const latenciesMs = blocks.flatMap(({ succeededMs }) => succeededMs);
  const errors = blocks.reduce((sum, { failedMs }) => sum + failedMs.length, 0);
  return { samples: latenciesMs.length + errors, errors, latenciesMs, blocks };
}
