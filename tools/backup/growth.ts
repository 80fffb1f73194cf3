import { statSync } from "node:fs";

const REPORT_MS = 10_000;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** Tells every ten seconds how large a file has become; gives a function that ends it. */
export function reportGrowth(file: string, log: (line: string) => void): () => void {
  const timer = setInterval(() => {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    log(`  ${formatBytes(size)} so far`);
  }, REPORT_MS);
  return () => clearInterval(timer);
}
