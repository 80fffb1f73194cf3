/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one means impatience. */
const SECOND_SIGNAL_AFTER_MS = 500;

export interface InterruptOptions {
  /** Told of the first signal or, with `takesErrors`, of an error that nobody has caught. */
  readonly onFirst?: (error: Error | null) => void;
  /** A later Ctrl-C: gives the exit code to end with at once. */
  readonly onSecond: () => number;
  /** Whether an error that nobody has caught interrupts as well: for what must not end before it is in a safe state. */
  readonly takesErrors?: boolean;
  /** Whether it interrupts as well that whoever read our output is gone, as with a pipe to `head`. */
  readonly takesClosedOutput?: boolean;
}

/** The parts of `process` that this needs. */
export interface Interruptible {
  on(event: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  on(event: "uncaughtException", listener: (error: Error) => void): unknown;
  readonly stdout: Output;
  readonly stderr: Output;
  exit(code: number): unknown;
}

interface Output {
  on(event: "error", listener: () => void): unknown;
}

/** Listens for Ctrl-C and its like; the signal that it gives aborts at the first one. */
export function listenForInterrupts(
  { onFirst, onSecond, takesErrors = false, takesClosedOutput = false }: InterruptOptions,
  program: Interruptible = process,
  now: () => number = () => performance.now(),
): AbortSignal {
  const stopRequest = new AbortController();
  let firstAt: number | null = null;
  const interrupt = (error: Error | null): void => {
    if (firstAt !== null) return;
    firstAt = now();
    onFirst?.(error);
    stopRequest.abort(error ?? new Error("interrupted"));
  };
  const onSignal = (isImpatient: boolean): void => {
    if (firstAt === null) interrupt(null);
    else if (isImpatient && now() - firstAt > SECOND_SIGNAL_AFTER_MS) program.exit(onSecond());
  };
  program.on("SIGINT", () => onSignal(true));
  // A CI runner sends it some seconds after SIGINT, as a matter of course: a clean end that is under way goes on.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) program.on(signal, () => onSignal(false));
  if (takesErrors) program.on("uncaughtException", interrupt);
  if (takesClosedOutput)
    for (const output of [program.stdout, program.stderr]) output.on("error", () => interrupt(null));
  return stopRequest.signal;
}

/** Resolves with null when the signal aborts; to race against what may fail before. */
export function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
