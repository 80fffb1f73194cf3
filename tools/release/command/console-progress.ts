import type { Progress } from "../report/progress.ts";
import type { StageRecord } from "../report/report.ts";

export interface ConsoleOptions {
  readonly write: (text: string) => void;
  /** A terminal shows one line that changes; anything else gets plain lines with times. */
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  /** Columns of the terminal. */
  readonly width: () => number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

export interface ConsoleProgress extends Progress {
  /** A line of its own, outside of any stage. */
  print(text: string): void;
  /** Ends the line that changes. */
  close(): void;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPIN_MS = 100;
/** A log is read later: every second would be noise. */
const PLAIN_UPDATE_MS = 5_000;
const MARKS = { passed: "ok", failed: "FAILED", interrupted: "interrupted" } as const;
const COLORS = { passed: 32, failed: 31, interrupted: 33 } as const;

/** Tells a person at a terminal, or a log, how the release goes. */
export function createConsoleProgress(options: ConsoleOptions): ConsoleProgress {
  const { write, isTerminal, hasColor, width, now } = options;
  const startMs = now();
  let running: { readonly name: string; readonly startMs: number; text: string } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let lastUpdateMs = -Infinity;

  const seconds = (sinceMs: number): string => ((now() - sinceMs) / 1000).toFixed(1);
  const clear = (): void => (isTerminal ? write("\r\u001B[2K") : undefined);
  const line = (text: string): void => {
    clear();
    const stamp = isTerminal ? "" : `[${seconds(startMs).padStart(7)} s] `;
    write(`${text.replaceAll(/^/gm, stamp)}\n`);
  };
  const spin = (): void => {
    if (running === null) return;
    const frame = SPINNER[Math.floor(now() / SPIN_MS) % SPINNER.length] ?? "";
    const text = `${frame} ${running.name.padEnd(10)}${seconds(running.startMs).padStart(6)} s  ${running.text}`;
    write(`\r\u001B[2K${text.slice(0, Math.max(20, width() - 1))}`);
  };
  const stop = (): void => {
    clearInterval(timer);
    clear();
    running = null;
  };
  return {
    print: line,
    note: (text) => line(`  ${text.replaceAll("\n", "\n  ")}`),
    close: stop,
    stageStarted(name) {
      stop();
      running = { name, startMs: now(), text: "" };
      lastUpdateMs = now();
      if (isTerminal) timer = setInterval(spin, SPIN_MS).unref();
      else line(`${name} …`);
    },
    update(text) {
      if (running === null) return;
      running.text = text;
      if (isTerminal || now() - lastUpdateMs < PLAIN_UPDATE_MS) return;
      lastUpdateMs = now();
      line(`  ${text}`);
    },
    stageEnded(record) {
      stop();
      line(formatStage(record, hasColor));
    },
  };
}

/** The one that writes to this process's output. */
export function openConsoleProgress({ stdout, env }: Pick<NodeJS.Process, "stdout" | "env">): ConsoleProgress {
  // A reader that is gone, as after `| head`, must not cut the release in half.
  stdout.on("error", () => {});
  const isTerminal = stdout.isTTY === true;
  return createConsoleProgress({
    write: (text) => void stdout.write(text),
    isTerminal,
    hasColor: isTerminal && !env["NO_COLOR"],
    width: () => stdout.columns ?? 80,
    now: () => performance.now(),
  });
}

/** A stage that has ended, with what it found. */
function formatStage({ name, ms, outcome, detail }: StageRecord, hasColor: boolean): string {
  const mark = MARKS[outcome].padEnd(12);
  const painted = hasColor ? `\u001B[${COLORS[outcome]}m${mark}\u001B[39m` : mark;
  const head = `${painted}${name.padEnd(10)}${(ms / 1000).toFixed(1).padStart(6)} s`;
  return [head, ...detail.flatMap((text) => text.split("\n")).map((text) => `            ${text}`)].join("\n");
}
