let lastMs = Number.NaN;
let last = "";

/** A time as RFC 3339 writes it, in UTC with milliseconds. Under load many events share one: it is written down once. */
export function formatTimestamp(epochMs: number): string {
  if (epochMs !== lastMs) {
    lastMs = epochMs;
    last = new Date(epochMs).toISOString();
  }
  return last;
}
