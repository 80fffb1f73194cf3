import type { Measured } from "./matrix.ts";

/** One variant under one load, over all rounds. Times in milliseconds. */
export interface Summary {
  /** Medians. */
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Median over the rounds of throughput divided by the floor's in the same round; null where the floor did not run. */
  readonly ratio_to_floor: number | null;
  readonly ratio_to_hello: number | null;
  readonly ratio_to_api: number | null;
  /** The same of the 99th percentile. */
  readonly p99_to_api: number | null;
  /** Processor time of the service for one request, in microseconds; null when its process is not ours. */
  readonly cpu_us: number | null;
  /** The same in relation to that of a constant. */
  readonly cpu_to_hello: number | null;
  readonly cpu_to_api: number | null;
  readonly raw: readonly RawRound[];
}

export interface RawRound {
  readonly round: number;
  readonly requests: number;
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly cpu_us: number | null;
}

/** By scenario, connections and variant. */
export type Results = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Summary>>>>>>;

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [upper = Number.NaN, lower = Number.NaN] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (upper + lower) / 2;
}

/** Medians, and ratios within the rounds: what slowed a whole round down cancels out. */
export function summarize(measured: readonly Measured[]): Results {
  return groupBy(measured, "scenario", (ofScenario) =>
    groupBy(ofScenario, "connections", (ofLoad) => groupBy(ofLoad, "variant", (own) => summarizeOne(own, ofLoad))),
  );
}

function groupBy<Result>(
  measured: readonly Measured[],
  field: "scenario" | "connections" | "variant",
  toResult: (group: readonly Measured[]) => Result,
): Record<string, Result> {
  const groups = Map.groupBy(measured, (one) => String(one[field]));
  return Object.fromEntries([...groups].map(([name, group]) => [name, toResult(group)]));
}

/** One number of a measurement; null where it has none. */
type Field = (one: Measured) => number | null;

const rpsOf: Field = ({ result }) => result.rps;
const p99Of: Field = ({ result }) => result.p99Ms;
const cpuOf: Field = ({ cpuUs }) => cpuUs;

function summarizeOne(own: readonly Measured[], all: readonly Measured[]): Summary {
  const raw = own.map(({ round, result, cpuUs }) => ({
    round,
    requests: result.requests,
    rps: result.rps,
    p50_ms: result.p50Ms,
    p99_ms: result.p99Ms,
    cpu_us: cpuUs,
  }));
  return {
    rps: medianOf(raw.map(({ rps }) => rps)),
    p50_ms: medianOf(raw.map((one) => one.p50_ms)),
    p99_ms: medianOf(raw.map((one) => one.p99_ms)),
    ratio_to_floor: ratioTo("floor", rpsOf, own, all),
    ratio_to_hello: ratioTo("hello", rpsOf, own, all),
    ratio_to_api: ratioTo("api", rpsOf, own, all),
    p99_to_api: ratioTo("api", p99Of, own, all),
    cpu_us: medianOrNull(raw.flatMap((one) => one.cpu_us ?? [])),
    cpu_to_hello: ratioTo("hello", cpuOf, own, all),
    cpu_to_api: ratioTo("api", cpuOf, own, all),
    raw,
  };
}

function ratioTo(reference: string, field: Field, own: readonly Measured[], all: readonly Measured[]): number | null {
  const ratios = own.flatMap((one) => {
    const other = all.find(({ variant, round }) => variant === reference && round === one.round);
    const [value, divisor] = [field(one), other === undefined ? null : field(other)];
    return value === null || divisor === null ? [] : [value / divisor];
  });
  return medianOrNull(ratios);
}

const medianOrNull = (values: readonly number[]): number | null => (values.length === 0 ? null : medianOf(values));
