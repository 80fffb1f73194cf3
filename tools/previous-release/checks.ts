import type { SmokeReport } from "../smoke/report.ts";

/** Counts checks, and tells of each as soon as it is decided. */
export interface Checks {
  readonly passed: number;
  readonly failed: number;
  /** A check fails when it throws; the error's lines say what was expected and seen. Gives whether it passed. */
  run(name: string, check: () => Promise<void>): Promise<boolean>;
}

/** @param signal an interruption is no failure: the check's error is thrown on then */
export function createChecks(report: SmokeReport, signal?: AbortSignal): Checks {
  let passed = 0;
  let failed = 0;
  return {
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
    async run(name, check) {
      try {
        await check();
        passed += 1;
        report.passed(name);
        return true;
      } catch (error) {
        signal?.throwIfAborted();
        failed += 1;
        report.failed(name, (error instanceof Error ? error.message : String(error)).split("\n"));
        return false;
      }
    },
  };
}
