import { colorOf, drawSheet, escape, headHeight, MARGIN, round } from "./svg.ts";

/** A line in a panel. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** One diagram of a picture. */
export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  /** Whether the x axis is logarithmic. */
  readonly isLogarithmic: boolean;
  readonly series: readonly Series[];
  /** The y axis reaches at least this. */
  readonly minTop?: number;
  /** A line across, such as a limit. */
  readonly limit?: { readonly y: number; readonly label: string };
}

export interface Picture {
  readonly title: string;
  /** Below the title: what the y axis is, and where it was measured. */
  readonly notes: readonly string[];
  readonly panels: readonly Panel[];
  /** Panels side by side. */
  readonly columns: number;
}

const PANEL = { width: 300, height: 210 } as const;
const PLOT = { left: 48, right: 288, top: 30, bottom: 168 } as const;
/** Room for notes beside few panels. */
const MIN_WIDTH = 620;

/** Panels of lines with a common legend. */
export function drawPicture({ title, notes, panels, columns }: Picture): string {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const width = Math.max(MIN_WIDTH, MARGIN * 2 + Math.min(columns, panels.length) * PANEL.width);
  const legend = drawLegend(names, headHeight(notes) + 8, width);
  const top = legend.bottom + 18;
  return drawSheet({
    width,
    height: top + Math.ceil(panels.length / columns) * PANEL.height + MARGIN,
    title,
    notes,
    content: [
      ...legend.content,
      ...panels.flatMap((panel, place) => [
        `<g transform="translate(${MARGIN + (place % columns) * PANEL.width} ${top + Math.floor(place / columns) * PANEL.height})">`,
        ...drawPanel(panel, names),
        "</g>",
      ]),
    ],
  });
}

function drawLegend(names: readonly string[], top: number, width: number) {
  let [left, y] = [MARGIN, top];
  const content = names.flatMap((name, place) => {
    const size = 34 + 6.2 * name.length;
    if (left + size > width) [left, y] = [MARGIN, y + LEGEND_ROW];
    const x = left;
    left += size;
    return [
      `<rect x="${round(x)}" y="${y - 9}" width="10" height="10" rx="2" fill="${colorOf(place)}"/>`,
      `<text x="${round(x + 15)}" y="${y}">${escape(name)}</text>`,
    ];
  });
  return { content, bottom: y };
}

const LEGEND_ROW = 16;

interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

function drawPanel(panel: Panel, names: readonly string[]): string[] {
  const scale = toScale(panel);
  const lines = panel.series.flatMap(({ name, points }) => {
    const color = colorOf(names.indexOf(name));
    const places = points.map(({ x, y }) => `${round(scale.x(x))},${round(scale.y(y))}`);
    const dots = points.length > 40 ? [] : points;
    return [
      `<polyline points="${places.join(" ")}" fill="none" stroke="${color}" stroke-width="1.6"/>`,
      ...dots.map(
        ({ x, y }) =>
          `<circle cx="${round(scale.x(x))}" cy="${round(scale.y(y))}" r="2.4" fill="${color}"><title>${escape(name)}: ${x}, ${round(y)}</title></circle>`,
      ),
    ];
  });
  return [
    `<text class="name" x="${PLOT.left}" y="16">${escape(panel.title)}</text>`,
    ...drawGrid(panel, scale),
    ...lines,
  ];
}

function drawGrid({ xLabel, limit }: Panel, { x, y, xTicks, yTicks }: Scale): string[] {
  const limitLine =
    limit === undefined
      ? []
      : [
          `<line class="limit" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(limit.y))}" y2="${round(y(limit.y))}"/>`,
          `<text class="small" x="${PLOT.right}" y="${round(y(limit.y) - 4)}" text-anchor="end">${escape(limit.label)}</text>`,
        ];
  return [
    ...yTicks.flatMap((tick) => [
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
      `<text class="small" x="${PLOT.left - 5}" y="${round(y(tick) + 3.5)}" text-anchor="end">${format(tick)}</text>`,
    ]),
    ...xTicks.map(
      (tick) =>
        `<text class="small" x="${round(x(tick))}" y="${PLOT.bottom + 14}" text-anchor="middle">${format(tick)}</text>`,
    ),
    `<text class="small" x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 28}" text-anchor="middle">${escape(xLabel)}</text>`,
    ...limitLine,
  ];
}

function toScale(panel: Panel): Scale {
  const points = panel.series.flatMap((one) => one.points);
  const position = (value: number): number => (panel.isLogarithmic ? Math.log(Math.max(value, 1e-9)) : value);
  const xs = [...new Set(points.map((point) => point.x))].toSorted((left, right) => left - right);
  const [first = 0, last = 1] = [xs.at(0), xs.at(-1)];
  const yTicks = ticksUpTo(highest(panel));
  const top = yTicks.at(-1) ?? 1;
  const span = position(last) - position(first) || 1;
  return {
    x: (value) => PLOT.left + 8 + ((PLOT.right - PLOT.left - 16) * (position(value) - position(first))) / span,
    y: (value) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * value) / top,
    xTicks: xs.length <= MAX_X_TICKS ? xs : [first, xs[Math.floor(xs.length / 2)] ?? first, last],
    yTicks,
  };
}

/** More would run into each other. */
const MAX_X_TICKS = 10;

function highest({ series, minTop = 0, limit }: Panel): number {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y));
  return Math.max(minTop, limit?.y ?? 0, ...values);
}

/** Round numbers from 0 to at least `value`, four or five of them. */
function ticksUpTo(value: number): readonly number[] {
  const rough = (value || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.max(1, Math.ceil(value / step - 1e-9)) + 1 }, (_, place) => place * step);
}

function format(value: number): string {
  if (value >= 10_000 && value % 1_024 === 0) return `${value / 1_024}Ki`;
  if (value >= 1_000_000) return `${round(value / 1_000_000)}M`;
  return value >= 10_000 ? `${round(value / 1_000)}k` : String(Math.round(value * 100) / 100);
}
