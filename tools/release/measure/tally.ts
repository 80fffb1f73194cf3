import { createBlocks } from "./blocks.ts";
import { type Measurement, OVERDUE_MS } from "./measurement.ts";
import { createPending } from "./pending.ts";
import { createProblems } from "./problems.ts";
import { createReservoir } from "./reservoir.ts";

/** One request from when it is sent. It ends once, as one of these; but what was ignored may turn out to have failed. */
export interface SentRequest {
  succeeded(latencyMs: number): void;
  failed(problem: string, requestId: string | null): void;
  /** Another version answered. */
  misrouted(answeredBy: string): void;
  /** It says nothing about the version. */
  ignored(): void;
}

/** What was counted of one version. */
export interface Tally {
  /** @param route path with placeholders */
  sent(route: string): SentRequest;
  measurement(): Measurement;
  /** Milliseconds for which the oldest request has been under way that is not counted yet; 0 when there is none. */
  oldestPendingMs(): number;
  /** Says that the override was ignored; empty when it never was. */
  misrouting(): readonly string[];
  /** That, and the most frequent failures, in words. */
  examples(): readonly string[];
}

/** Enough for any percentile, and sorted in a few milliseconds. */
const MAX_LATENCIES = 20_000;
/** Beyond this share of answers from another version, the pinning does not work and nothing can be told. */
const MAX_MISROUTED = 0.05;

export interface TallyOptions {
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** The moment from which seconds are counted; the same for versions that are compared. */
  readonly startedAt: number;
}

export function createTally(versionId: string, { random, now, startedAt }: TallyOptions): Tally {
  const latencies = createReservoir(MAX_LATENCIES, random);
  const pending = createPending(now);
  const problems = createProblems();
  const blocks = createBlocks(startedAt);
  let [misrouted, lastAnsweredBy] = [0, ""];
  const overdue = () => pending.list().filter(({ waitingMs }) => waitingMs >= OVERDUE_MS);
  const isTrusted = (): boolean => misrouted <= MAX_MISROUTED * (blocks.ended() + misrouted);
  const misrouting = (): readonly string[] =>
    misrouted === 0
      ? []
      : [
          `override ignored: ${misrouted} of ${blocks.ended() + misrouted} answers asked of version ${versionId} came from another, lately ${lastAnsweredBy}${isTrusted() ? "" : "; so none of them counts"}`,
        ];

  return {
    sent(route) {
      const sentAt = now();
      const block = blocks.at(sentAt);
      const end = pending.add({ route, sentAt });
      return {
        succeeded(latencyMs) {
          end();
          block.succeededMs.push(latencyMs);
          latencies.add(latencyMs);
        },
        failed(problem, requestId) {
          end();
          block.failedMs.push(now() - sentAt);
          problems.add(problem, requestId);
        },
        misrouted(answeredBy) {
          end();
          misrouted++;
          lastAnsweredBy = answeredBy;
        },
        ignored: end,
      };
    },
    measurement() {
      if (!isTrusted()) return { samples: 0, errors: 0, latenciesMs: [], blocks: [] };
      return {
        samples: blocks.ended() + overdue().length,
        errors: blocks.failed() + overdue().length,
        latenciesMs: latencies.values(),
        blocks: blocks.snapshot(pending.list()),
      };
    },
    oldestPendingMs: () =>
      Math.max(0, ...pending.list().flatMap(({ waitingMs }) => (waitingMs < OVERDUE_MS ? [waitingMs] : []))),
    misrouting,
    examples: () => [...misrouting(), ...problems.describe(overdue().map(({ route }) => route))],
  };
}
