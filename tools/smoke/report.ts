/** Told about each check as soon as its result is known. */
export interface SmokeReport {
  note(text: string): void;
  passed(name: string): void;
  /** @param problems what was expected and what was seen */
  failed(name: string, problems: readonly string[]): void;
  skipped(name: string, reason: string): void;
}

export interface ConsoleReportOptions {
  readonly write: (line: string) => void;
  readonly hasColor: boolean;
}

/** One line per check, and below a failed one what was expected and seen. */
export function createConsoleReport({ write, hasColor }: ConsoleReportOptions): SmokeReport {
  const paint = (code: number, text: string): string => (hasColor ? `\u001B[${code}m${text}\u001B[39m` : text);
  return {
    note: (text) => write(text),
    passed: (name) => write(`${paint(32, "ok")}    ${name}`),
    failed(name, problems) {
      write(`${paint(31, "FAIL")}  ${name}`);
      for (const problem of problems) write(`        ${problem}`);
    },
    skipped: (name, reason) => write(`${paint(33, "skip")}  ${name} (${reason})`),
  };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function formatSummary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
