/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one means impatience. */
const SECOND_SIGNAL_AFTER_MS = 500;

export interface InterruptOptions {
  /** The first signal, or an error that nobody has caught: time to reach a safe state. */
  readonly onFirst: (error: Error | null) => void;
  /** A later Ctrl-C: gives the exit code to end with at once. */
  readonly onSecond: () => number;
}

/** The parts of `process` that this needs. */
export interface Interruptible {
  on(event: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  on(event: "uncaughtException", listener: (error: Error) => void): unknown;
  exit(code: number): unknown;
}

/** Listens for Ctrl-C and its like; the signal that it gives aborts at the first one. */
export function listenForInterrupts(
  { onFirst, onSecond }: InterruptOptions,
  program: Interruptible = process,
  now: () => number = () => performance.now(),
): AbortSignal {
  const stopRequest = new AbortController();
  let firstAt: number | null = null;
  const interrupt = (error: Error | null): void => {
    if (firstAt !== null) return;
    firstAt = now();
    onFirst(error);
    stopRequest.abort(error ?? new Error("interrupted"));
  };
  const onSignal = (isImpatient: boolean): void => {
    if (firstAt === null) interrupt(null);
    else if (isImpatient && now() - firstAt > SECOND_SIGNAL_AFTER_MS) program.exit(onSecond());
  };
  program.on("SIGINT", () => onSignal(true));
  // A CI runner sends it some seconds after SIGINT, as a matter of course: a rollback that is under way goes on.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) program.on(signal, () => onSignal(false));
  // A bug must not leave the traffic split.
  program.on("uncaughtException", interrupt);
  return stopRequest.signal;
}
