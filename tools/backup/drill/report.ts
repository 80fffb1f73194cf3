import { writeFileSync } from "node:fs";

import type { Manifest } from "../files/manifest.ts";
import type { Comparison } from "./compare.ts";

/** What a drill has found. */
export interface DrillReport {
  readonly manifest: Manifest;
  readonly comparisons: readonly Comparison[];
  /** PostgreSQL that it was restored into. */
  readonly server: string;
  readonly restoreMs: number;
}

const HEAD = ["", "dumped", "restored", ""] as const;

/** A table, what is wrong, and last the verdict. */
export function formatReport({ manifest, comparisons, server, restoreMs }: DrillReport): string {
  const rows = comparisons.map(({ what, dumped, restored, problems }) => [
    what,
    dumped,
    restored,
    problems.length === 0 ? "equal" : "DIFFERENT",
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const toLine = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const problems = comparisons.flatMap((comparison) => comparison.problems);
  const verdict =
    problems.length === 0
      ? `Restored: ${manifest.dump.file}, of ${manifest.takenAt}, is equal to what was dumped (PostgreSQL ${server}, ${(restoreMs / 1000).toFixed(1)} s)`
      : `NOT EQUAL: ${manifest.dump.file} has ${problems.length} difference${problems.length === 1 ? "" : "s"}. Do not rely on this backup`;
  return [toLine(HEAD), ...rows.map(toLine), ...problems.map((problem) => `! ${problem}`), verdict].join("\n");
}

export function writeReport(file: string, { manifest, comparisons, server, restoreMs }: DrillReport): void {
  const { source, takenAt, dump, migrationLevel } = manifest;
  const isEqual = comparisons.every(({ problems }) => problems.length === 0);
  writeFileSync(
    file,
    `${JSON.stringify({ isEqual, source, takenAt, dump, migrationLevel, server, restoreMs, comparisons }, null, 2)}\n`,
  );
}
