/** A text that begins at a place on the horizontal axis. */
export interface Label {
  readonly x: number;
  readonly label: string;
}

export interface Placed {
  readonly x: number;
  /** 0 is the uppermost. */
  readonly row: number;
}

const WIDTH_OF_LETTER = 6.6;
const GAP = 8;
const MAX_ROWS = 3;

/**
 * Puts labels, given from left to right, into the uppermost row in which they do not cover the one before; texts that would
 * leave the picture are moved in.
 */
export function placeLabels(labels: readonly Label[], right: number): Placed[] {
  const ends = Array.from({ length: MAX_ROWS }, () => Number.NEGATIVE_INFINITY);
  return labels.map(({ x, label }) => {
    const width = label.length * WIDTH_OF_LETTER;
    const left = Math.min(x, right - width);
    const free = ends.findIndex((end) => end <= left);
    const row = free === -1 ? ends.indexOf(Math.min(...ends)) : free;
    ends[row] = left + width + GAP;
    return { x: left, row };
  });
}
