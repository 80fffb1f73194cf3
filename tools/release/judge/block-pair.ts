import { type Block, type Measurement, OVERDUE_MS } from "../measure/measurement.ts";

/** Something of each version. */
export interface Both<Value> {
  readonly candidate: Value;
  readonly baseline: Value;
}

/** What both versions did with what they were asked in the same second. */
export type BlockPair = Both<Reading>;

/** All that a verdict goes by. */
export type Observed = Both<Pick<Measurement, "blocks">>;

/** One version's second, counted. */
export interface Reading {
  /** Requests that were sent. */
  readonly sent: number;
  /** Those that have ended, or have gone without an answer for too long. */
  readonly samples: number;
  /** Those that failed, or have gone without an answer for too long. */
  readonly errors: number;
  /** Those that failed at once. */
  readonly promptErrors: number;
  /** Milliseconds of those that succeeded. */
  readonly succeededMs: readonly number[];
  /** Whether half of them or more took, or have been waiting for, so long that the version seems to have stood still. */
  readonly isStalled: boolean;
}

/** Forty times as long as a read takes: no slow version, but one that is held up. */
const HELD_UP_MS = 1_000;

/** The window's seconds in order, as far as both versions were asked. */
export function pairBlocks({ candidate, baseline }: Observed): readonly BlockPair[] {
  return candidate.blocks.flatMap((block, second) => {
    const beside = baseline.blocks[second];
    return beside === undefined ? [] : [{ candidate: read(block), baseline: read(beside) }];
  });
}

function read({ succeededMs, failedMs, waitingMs }: Block): Reading {
  const overdue = countFrom(OVERDUE_MS, waitingMs);
  const lateErrors = countFrom(HELD_UP_MS, failedMs);
  const late = countFrom(HELD_UP_MS, succeededMs) + lateErrors + countFrom(HELD_UP_MS, waitingMs);
  const ended = succeededMs.length + failedMs.length;
  const sent = ended + waitingMs.length;
  return {
    sent,
    samples: ended + overdue,
    errors: failedMs.length + overdue,
    promptErrors: failedMs.length - lateErrors,
    succeededMs,
    isStalled: sent > 0 && late * 2 >= sent,
  };
}

function countFrom(limit: number, values: readonly number[]): number {
  let count = 0;
  for (const value of values) if (value >= limit) count++;
  return count;
}

/**
 * The seconds that tell the versions apart: both were asked, nothing is open any more, and neither stood still. A stall
 * takes its neighbours with it, for it seldom begins with a second. A version that stands still too often has too few
 * of them, and one that stands still for long is a breakdown.
 */
export function selectCalm(pairs: readonly BlockPair[]): readonly BlockPair[] {
  const isStalled = (pair: BlockPair | undefined): boolean =>
    pair !== undefined && (pair.candidate.isStalled || pair.baseline.isStalled);
  return pairs.filter(
    (pair, second) =>
      isComplete(pair.candidate) &&
      isComplete(pair.baseline) &&
      ![pairs[second - 1], pair, pairs[second + 1]].some(isStalled),
  );
}

const isComplete = ({ sent, samples }: Reading): boolean => samples > 0 && samples === sent;
