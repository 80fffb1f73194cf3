import { colorOf, drawSheet, escape, headHeight, MARGIN, round } from "./svg.ts";

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Behind the bar. */
  readonly label: string;
}

export interface BarPicture {
  readonly title: string;
  readonly notes: readonly string[];
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const ROW = 20;
const BARS = { left: 220, right: WIDTH - 130 } as const;

/** Horizontal bars, one a line, from 0. */
export function drawBars({ title, notes, bars }: BarPicture): string {
  const top = headHeight(notes) + 14;
  const highest = Math.max(1, ...bars.map(({ value }) => value));
  return drawSheet({
    width: WIDTH,
    height: top + bars.length * ROW + MARGIN,
    title,
    notes,
    content: bars.flatMap(({ name, value, label }, place) => {
      const y = top + place * ROW;
      const width = ((BARS.right - BARS.left) * value) / highest;
      return [
        `<text x="${BARS.left - 8}" y="${y + 11}" text-anchor="end">${escape(name)}</text>`,
        `<rect x="${BARS.left}" y="${y}" width="${round(width)}" height="14" rx="2" fill="${colorOf(0)}"/>`,
        `<text class="small" x="${round(BARS.left + width + 6)}" y="${y + 11}">${escape(label)}</text>`,
      ];
    }),
  });
}
