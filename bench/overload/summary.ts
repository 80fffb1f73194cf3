import { percentileOf } from "../load/percentile.ts";
import type { Sent, StretchResult } from "./job.ts";

/** A request ends by then, however it ends (`REQUEST_TIMEOUT_MS`). */
export const DEADLINE_MS = 5_000;

export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** One stretch of load; rates are requests per second. */
export interface LoadPoint {
  /** Of the capacity. */
  readonly factor: number;
  readonly offered: number;
  /** Answered with 2xx by the deadline. */
  readonly goodput: number;
  /** 503 with `Retry-After`. */
  readonly refused: number;
  /** 504. */
  readonly late: number;
  /** Any other answer, also a success after the deadline. */
  readonly other: number;
  /** Requests, not a rate. */
  readonly unanswered: number;
  /** Why, each as often as it happened. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of those that count as goodput. */
  readonly servedTimes: Times;
  readonly refusedTimes: Times;
  /** Of all answers, in ms. */
  readonly slowestMs: number;
  readonly healthTimes: Times;
  /** Probes of health that were not answered with 200. */
  readonly healthFailures: number;
  readonly maxLagMs: number;
}

export function toLoadPoint(factor: number, { seconds, sent, health, maxLagMs }: StretchResult): LoadPoint {
  const served = sent.filter(isServed);
  const refused = sent.filter(isRefused);
  const late = sent.filter(({ status }) => status === 504);
  const answered = sent.filter(({ status }) => status !== 0);
  return {
    factor,
    offered: sent.length / seconds,
    goodput: served.length / seconds,
    refused: refused.length / seconds,
    late: late.length / seconds,
    other: (answered.length - served.length - refused.length - late.length) / seconds,
    unanswered: sent.length - answered.length,
    failures: countFailures([...sent, ...health]),
    servedTimes: timesOf(served),
    refusedTimes: timesOf(refused),
    slowestMs: timesOf(answered).maxMs,
    healthTimes: timesOf(health.filter(({ status }) => status === 200)),
    healthFailures: health.filter(({ status }) => status !== 200).length,
    maxLagMs,
  };
}

/** Requests per second with all connections busy; the first seconds, which compile and connect, do not count. */
export function capacityOf({ seconds, sent }: StretchResult): number {
  const from = 2_000;
  const served = sent.filter((one) => isServed(one) && one.dueMs >= from && one.dueMs + one.ms <= seconds * 1_000);
  return served.length / (seconds - from / 1_000);
}

/** Of what was due from a moment on, so much has to be served for the service to count as recovered. */
const RECOVERED_SHARE = 0.99;
const STEP_MS = 100;
/** A moment so close to the end says nothing. */
const MIN_REST_MS = 2_000;

/** Milliseconds from the beginning of a stretch until nearly all that was due from then on was served; null for never. */
export function recoveryOf({ seconds, sent }: Pick<StretchResult, "seconds" | "sent">): number | null {
  for (let from = 0; from <= seconds * 1_000 - MIN_REST_MS; from += STEP_MS) {
    const rest = sent.filter(({ dueMs }) => dueMs >= from);
    const first = rest.filter(({ dueMs }) => dueMs < from + STEP_MS);
    if (first.every(isServed) && rest.filter(isServed).length >= RECOVERED_SHARE * rest.length) return from;
  }
  return null;
}

function countFailures(sent: readonly Sent[]): Record<string, number> {
  const failures = sent.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  return Object.fromEntries([...Map.groupBy(failures, (name) => name)].map(([name, { length }]) => [name, length]));
}

function isServed({ status, ms }: Sent): boolean {
  return status >= 200 && status < 300 && ms <= DEADLINE_MS;
}

function isRefused({ status, hasRetryAfter }: Sent): boolean {
  return status === 503 && hasRetryAfter;
}

function timesOf(sent: readonly Sent[]): Times {
  const sorted = Float64Array.from(sent.map(({ ms }) => ms)).sort();
  if (sorted.length === 0) return { p50Ms: 0, p99Ms: 0, maxMs: 0 };
  return { p50Ms: percentileOf(sorted, 0.5), p99Ms: percentileOf(sorted, 0.99), maxMs: sorted.at(-1) ?? 0 };
}
