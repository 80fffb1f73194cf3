import type { ProcessorShares } from "./processor-shares.ts";
import type { RoomSample } from "./sample.ts";
import { findShortages, shortMs, type Shortage } from "./shortage.ts";

/** What a rehearsal knows about the machine that it ran on. */
export interface Room {
  readonly samples: readonly RoomSample[];
  /** Empty where the system does not tell. */
  readonly shares: readonly ProcessorShares[];
  /** Right answers per second with all clients busy, before the first release; null when the rate was given. */
  readonly capacity: number | null;
  /** Requests per second. */
  readonly rate: number;
}

export interface RoomSummary {
  readonly shortages: readonly Shortage[];
  /** Of the whole time that was short of room, 0 to 1. */
  readonly shortShare: number;
  readonly controlMs: { readonly median: number; readonly p99: number; readonly max: number };
  readonly maxLagMs: number;
  readonly shed: number;
  /** Processors that others used, on average and at most; null where the system does not tell. */
  readonly others: { readonly mean: number; readonly max: number } | null;
  readonly capacity: number | null;
  readonly rate: number;
}

export function summarizeRoom({ samples, shares, capacity, rate }: Room): RoomSummary {
  const shortages = findShortages(samples);
  const controls = samples.flatMap((sample) => sample.controls.map(({ ms }) => ms)).toSorted((a, b) => a - b);
  const at = (share: number): number => controls[Math.floor(share * (controls.length - 1))] ?? 0;
  const [from, to] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0];
  return {
    shortages,
    shortShare: to > from ? shortMs(shortages, from, to) / (to - from) : 0,
    controlMs: { median: at(0.5), p99: at(0.99), max: at(1) },
    maxLagMs: Math.max(0, ...samples.map(({ lagMs }) => lagMs)),
    shed: samples.reduce((sum, sample) => sum + sample.shed, 0),
    others: shares.length === 0 ? null : meanAndMax(shares.map(({ others }) => others)),
    capacity,
    rate,
  };
}

function meanAndMax(values: readonly number[]): { mean: number; max: number } {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, max: Math.max(...values) };
}

/** The room in a line. */
export function describeRoom({ controlMs, maxLagMs, shed, shortShare, others, capacity, rate }: RoomSummary): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return [
    `room: ${rate} requests a second${capacity === null ? "" : ` of ${capacity.toFixed(0)} that this machine answers`}`,
    `a Worker that does nothing took ${ms(controlMs.median)} (p99 ${ms(controlMs.p99)}, at most ${ms(controlMs.max)})`,
    `the load generator waited ${ms(maxLagMs)} at most`,
    ...(others === null ? [] : [`others used ${others.mean.toFixed(1)} processors (at most ${others.max.toFixed(1)})`]),
    `short of room for ${(100 * shortShare).toFixed(1)} % of the time, ${shed} requests not sent`,
  ].join("; ");
}
