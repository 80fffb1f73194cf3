import type { ExpectStatic } from "vitest";

/** Far above what linear work on the sizes of these tests takes (milliseconds), far below what a pattern that backtracks takes. */
const LITTLE_MS = 500;

/**
 * Runs `work` and expects it to have computed next to nothing. It is processor time that counts, not time on the wall:
 * on a machine with other work, a test may wait for seconds without having done anything.
 */
export const expectLittleWork = async (expect: ExpectStatic, work: () => unknown): Promise<void> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(LITTLE_MS);
};
