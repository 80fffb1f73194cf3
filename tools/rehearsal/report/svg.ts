import { placeLabels } from "./labels.ts";
import type { Second } from "./timeline.ts";

/** A version in the picture. */
export interface PictureVersion {
  readonly id: string;
  readonly label: string;
  /** Broken on purpose. */
  readonly isFaulty: boolean;
}

/** A stretch of time with a name: one command. Seconds since the start of the picture. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A moment at which the traffic was shared out anew. */
export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly kind: "step" | "rollback";
}

export interface Picture {
  readonly title: string;
  readonly seconds: readonly Second[];
  readonly versions: readonly PictureVersion[];
  readonly bands: readonly Band[];
  /** Stretches in which the machine had no room. */
  readonly shortages: readonly Pick<Band, "from" | "to">[];
  readonly marks: readonly Mark[];
}

const WIDTH = 1_280;
const PLOT = { left: 56, right: WIDTH - 16, top: 132, bottom: 392 } as const;
const HEIGHT = 510;
const ROW = 15;
const BAND_LABELS_TOP = 48;
const MARK_LABELS_TOP = 96;
const STRIPS_TOP = PLOT.bottom + 26;

const SOUND_COLORS = ["#4c78c8", "#2a9d8f", "#7a9e3f", "#8a6fc0"];
const FAULTY_COLORS = ["#d1495b", "#e07b39", "#c9a227", "#b0578d"];

const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #1f2430 }
    .title { font-size: 15px; font-weight: 600 } .small { font-size: 11px; fill: #5a6272 }
    .page { fill: #ffffff } .band { fill: #eef1f6 } .grid { stroke: #d5dae3 } .step { stroke: #5a6272 }
    .back { stroke: #c0263a; stroke-width: 1.5 } text.back { fill: #c0263a; stroke: none } .lost { fill: #c0263a } .injected { fill: #e07b39 } .short { fill: #8a93a5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6e9ef } .small { fill: #a5adbb } .page { fill: #14171d } .band { fill: #1d222b }
      .grid { stroke: #333a46 } .step { stroke: #a5adbb } .back { stroke: #ff6b7d } text.back { fill: #ff6b7d } .lost { fill: #ff6b7d }
    }`;

/** Requests per second by version as stacked areas, what was done above them, and what went wrong below. */
export function drawTimeline(picture: Picture): string {
  const highest = Math.max(1, ...picture.seconds.map(totalOf));
  const top = Math.ceil(highest / 50) * 50;
  const x = (second: number): number =>
    PLOT.left + ((PLOT.right - PLOT.left) * second) / Math.max(1, picture.seconds.length);
  const y = (count: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * count) / top;
  const scale = { x, y, top };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(picture.title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${PLOT.left}" y="24">${escape(picture.title)}</text>`,
    ...drawBands(picture.bands, scale),
    ...drawGrid(picture.seconds.length, scale),
    ...drawAreas(picture, scale),
    ...drawMarks(picture.marks, scale),
    ...drawStrip({ name: "lost", row: 0, counts: picture.seconds.map(({ failures }) => failures) }, scale),
    ...drawShortages(picture.shortages, scale),
    ...drawStrip({ name: "injected", row: 1, counts: picture.seconds.map(({ injected }) => injected) }, scale),
    ...drawLegend(picture.versions),
    "</svg>\n",
  ].join("\n");
}

interface Scale {
  readonly x: (second: number) => number;
  readonly y: (count: number) => number;
  /** Requests per second at the upper end of the plot. */
  readonly top: number;
}

function totalOf({ byVersion }: Second): number {
  return [...byVersion.values()].reduce((sum, count) => sum + count, 0);
}

function drawBands(bands: readonly Band[], { x }: Scale): string[] {
  const rows = placeLabels(
    bands.map(({ from, label }) => ({ x: x(from), label })),
    PLOT.right,
  );
  return bands.flatMap(({ from, to, label }, index) => {
    const at = rows[index] ?? { x: x(from), row: 0 };
    const line = BAND_LABELS_TOP + at.row * ROW;
    return [
      `<rect class="band" x="${round(x(from))}" y="${PLOT.top}" width="${round(x(to) - x(from))}" height="${PLOT.bottom - PLOT.top}"/>`,
      `<line class="grid" x1="${round(x(from))}" x2="${round(x(from))}" y1="${line - 9}" y2="${PLOT.bottom}"/>`,
      `<text x="${round(at.x + 4)}" y="${line}">${escape(label)}</text>`,
    ];
  });
}

function drawGrid(seconds: number, { x, y, top }: Scale): string[] {
  const counts = Array.from({ length: top / 50 + 1 }, (_, index) => index * 50);
  const times = Array.from({ length: Math.floor(seconds / 30) + 1 }, (_, index) => index * 30);
  return [
    ...counts.flatMap((count) => [
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(count))}" y2="${round(y(count))}"/>`,
      `<text class="small" x="${PLOT.left - 6}" y="${round(y(count) + 4)}" text-anchor="end">${count}</text>`,
    ]),
    ...times.map(
      (time) =>
        `<text class="small" x="${round(x(time))}" y="${PLOT.bottom + 15}" text-anchor="middle">${time} s</text>`,
    ),
    `<text class="small" x="${PLOT.left}" y="${PLOT.top - 14}" text-anchor="end">req/s</text>`,
  ];
}

function drawAreas({ seconds, versions }: Picture, { x, y }: Scale): string[] {
  const floor = seconds.map(() => 0);
  return versions.map(({ id }, index) => {
    const lower = floor.map((count, second) => `${round(x(second + 0.5))},${round(y(count))}`);
    seconds.forEach(({ byVersion }, second) => (floor[second] = (floor[second] ?? 0) + (byVersion.get(id) ?? 0)));
    const upper = floor.map((count, second) => `${round(x(second + 0.5))},${round(y(count))}`);
    return `<polygon points="${[...upper, ...lower.toReversed()].join(" ")}" fill="${colorOf(versions, index)}" fill-opacity="0.85"/>`;
  });
}

function drawMarks(marks: readonly Mark[], { x }: Scale): string[] {
  const rows = placeLabels(
    marks.map(({ at, label }) => ({ x: x(at), label })),
    PLOT.right,
  );
  return marks.flatMap(({ at, label, kind }, index) => {
    const place = rows[index] ?? { x: x(at), row: 0 };
    const style = kind === "rollback" ? "back" : "step";
    return [
      `<line class="${style}" stroke-dasharray="3 3" x1="${round(x(at))}" x2="${round(x(at))}" y1="${PLOT.top - 4}" y2="${PLOT.bottom}"/>`,
      `<text class="small ${style === "back" ? "back" : ""}" x="${round(place.x)}" y="${MARK_LABELS_TOP + place.row * ROW}">${escape(label)}</text>`,
    ];
  });
}

interface Strip {
  readonly name: "lost" | "injected";
  readonly row: number;
  readonly counts: readonly number[];
}

/** One line of dots, a larger one for more in its second. */
function drawStrip({ name, row, counts }: Strip, { x }: Scale): string[] {
  const middle = STRIPS_TOP + row * 18;
  const dots = counts.flatMap((count, second) => {
    const radius = Math.min(7, 2 + Math.sqrt(count));
    const title = `<title>${count} ${name} at ${second} s</title>`;
    return count === 0
      ? []
      : [
          `<circle class="${name}" cx="${round(x(second + 0.5))}" cy="${middle}" r="${round(radius)}">${title}</circle>`,
        ];
  });
  return [
    `<text class="small" x="${PLOT.left - 6}" y="${middle + 4}" text-anchor="end">${name}</text>`,
    `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${middle}" y2="${middle}"/>`,
    ...dots,
  ];
}

/** A line of bars: nothing that went wrong below one of them says much about the service. */
function drawShortages(shortages: Picture["shortages"], { x }: Scale): string[] {
  const middle = STRIPS_TOP + 2 * 18;
  return [
    `<text class="small" x="${PLOT.left - 6}" y="${middle + 4}" text-anchor="end">no room</text>`,
    `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${middle}" y2="${middle}"/>`,
    ...shortages.map(({ from, to }) => {
      const width = Math.max(1, x(to) - x(from));
      return `<rect class="short" x="${round(x(from))}" y="${middle - 3}" width="${round(width)}" height="6"/>`;
    }),
  ];
}

function drawLegend(versions: readonly PictureVersion[]): string[] {
  let left: number = PLOT.left;
  return versions.flatMap(({ label }, index) => {
    const at = left;
    left += 34 + 7 * label.length;
    return [
      `<rect x="${at}" y="${HEIGHT - 24}" width="12" height="12" rx="2" fill="${colorOf(versions, index)}"/>`,
      `<text x="${at + 17}" y="${HEIGHT - 14}">${escape(label)}</text>`,
    ];
  });
}

function colorOf(versions: readonly PictureVersion[], index: number): string {
  const isFaulty = versions[index]?.isFaulty ?? false;
  const place = versions.slice(0, index).filter((version) => version.isFaulty === isFaulty).length;
  const colors = isFaulty ? FAULTY_COLORS : SOUND_COLORS;
  return colors[place % colors.length] ?? "#888888";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
