/** A line in a diagram. */
export interface Series {
  /** How it is drawn, by names of the picture's style. */
  readonly classes: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A diagram. Its axes reach from the first tick to the last. */
export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly series: readonly Series[];
}

export const PANEL = { width: 340, height: 220 } as const;
const PLOT = { left: 40, right: 320, top: 30, bottom: 176 } as const;

export function drawPanel({ title, xLabel, xTicks, yTicks, series }: Panel): readonly string[] {
  const x = toScale(xTicks, PLOT.left, PLOT.right);
  const y = toScale(yTicks, PLOT.bottom, PLOT.top);
  return [
    `<text class="name" x="${PLOT.left}" y="16">${title}</text>`,
    ...yTicks.flatMap((tick) => [
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
      `<text class="small" x="${PLOT.left - 6}" y="${y(tick) + 3}" text-anchor="end">${tick}</text>`,
    ]),
    ...xTicks.map(
      (tick) => `<text class="small" x="${x(tick)}" y="${PLOT.bottom + 14}" text-anchor="middle">${tick}</text>`,
    ),
    `<text class="small" x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 29}" text-anchor="middle">${xLabel}</text>`,
    ...series.flatMap(({ classes, points }) => [
      `<polyline class="${classes}" points="${points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")}"/>`,
      ...points.map(
        (point) =>
          `<circle class="${classes}" cx="${x(point.x)}" cy="${y(point.y)}" r="2.5"><title>${round(point.x)}: ${round(point.y)}</title></circle>`,
      ),
    ]),
  ];
}

function toScale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [first = 0, last = 1] = [ticks.at(0), ticks.at(-1)];
  return (value) => round(from + ((to - from) * (value - first)) / (last - first));
}

const round = (value: number): number => Math.round(value * 100) / 100;
