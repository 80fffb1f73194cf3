import { medianOf } from "../run/summary.ts";

/** One measurement of one curve. */
export interface GrowthMeasured {
  readonly axis: string;
  readonly curve: string;
  readonly size: number;
  readonly round: number;
  readonly rps: number;
  readonly p50Ms: number;
}

export interface CurvePoint {
  readonly size: number;
  /** Medians. */
  readonly rps: number;
  readonly p50_ms: number;
  /** Time per request, which is the inverse of throughput, relative to the smallest size; median of the ratios within rounds. */
  readonly ratio: number;
}

export interface Curve {
  readonly axis: string;
  readonly curve: string;
  readonly points: readonly CurvePoint[];
  /** Of the power law through the points: 0 is flat, near 0 a logarithm, 1 in proportion. */
  readonly exponent: number;
}

/** Above this, cost doubles at least once while the size grows a hundredfold. */
const MAX_EXPONENT = 0.15;

export function toCurves(measured: readonly GrowthMeasured[]): readonly Curve[] {
  const groups = Map.groupBy(measured, ({ axis, curve }) => `${axis}\n${curve}`);
  return [...groups.values()].map(toCurve);
}

function toCurve(measured: readonly GrowthMeasured[]): Curve {
  const [{ axis, curve } = { axis: "", curve: "" }] = measured;
  const smallest = Math.min(...measured.map(({ size }) => size));
  const bySize = Map.groupBy(
    measured.toSorted((left, right) => left.size - right.size),
    ({ size }) => size,
  );
  const points = [...bySize].map(([size, own]) => ({
    size,
    rps: medianOf(own.map(({ rps }) => rps)),
    p50_ms: medianOf(own.map(({ p50Ms }) => p50Ms)),
    ratio: medianOf(own.flatMap(({ round, rps }) => ratiosTo(measured, smallest, round, rps))),
  }));
  return { axis, curve, points, exponent: exponentOf(points) };
}

function ratiosTo(measured: readonly GrowthMeasured[], smallest: number, round: number, rps: number): number[] {
  return measured.filter((one) => one.size === smallest && one.round === round).map((first) => first.rps / rps);
}

/** Slope of the line through the points where both axes are logarithmic, by least squares. */
function exponentOf(points: readonly CurvePoint[]): number {
  const places = points.map(({ size, ratio }) => ({ x: Math.log(size), y: Math.log(ratio) }));
  const meanX = places.reduce((sum, { x }) => sum + x, 0) / places.length;
  const meanY = places.reduce((sum, { y }) => sum + y, 0) / places.length;
  const spread = places.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : places.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** What the curve looks like, in words. */
export function describeCurve({ exponent }: Pick<Curve, "exponent">): string {
  if (exponent < -MAX_EXPONENT) return "falling";
  return exponent <= MAX_EXPONENT ? "flat or logarithmic" : "STEEPER";
}
