/** Styles of every picture: it follows the reader's colours. */
const STYLE = `
    text { font: 11px system-ui, sans-serif; fill: #1f2430 } .title { font-size: 15px; font-weight: 600 } .name { font-weight: 600 }
    .small { font-size: 10px; fill: #5a6272 } .page { fill: #ffffff } .grid { stroke: #d5dae3 } .limit { stroke: #c0263a; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6e9ef } .small { fill: #a5adbb } .page { fill: #14171d } .grid { stroke: #333a46 } .limit { stroke: #ff6b7d }
    }`;

export const MARGIN = 16;

const COLORS = [
  "#4c78c8",
  "#e07b39",
  "#2a9d8f",
  "#8a6fc0",
  "#b0578d",
  "#7a9e3f",
  "#c9a227",
  "#5a6272",
  "#d1495b",
  "#3f9fb5",
  "#8c5a3c",
];

export function colorOf(place: number): string {
  return COLORS[place % COLORS.length] ?? "#888888";
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Below the title, one a line. */
  readonly notes: readonly string[];
  readonly content: readonly string[];
}

/** Height that title and notes take. */
export function headHeight(notes: readonly string[]): number {
  return MARGIN + 22 + notes.length * 15;
}

/** A whole picture. */
export function drawSheet({ width, height, title, notes, content }: Sheet): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="${MARGIN + 12}">${escape(title)}</text>`,
    ...notes.map(
      (note, row) => `<text class="small" x="${MARGIN}" y="${MARGIN + 30 + row * 15}">${escape(note)}</text>`,
    ),
    ...content,
    "</svg>\n",
  ].join("\n");
}
