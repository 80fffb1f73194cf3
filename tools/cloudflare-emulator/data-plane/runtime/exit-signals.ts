const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNALS;
const NAMES: readonly Signal[] = ["SIGINT", "SIGTERM"];

/**
 * Miniflare ends this process as soon as a signal comes, before its owner could close anything else. Here its handlers
 * are taken away again; that of process exit, which kills the runtime, stays.
 */
export function withoutSignalHandlers<Result>(create: () => Result): Result {
  const before = NAMES.map((name) => new Set<unknown>(process.listeners(name)));
  const result = create();
  for (const [index, name] of NAMES.entries()) {
    for (const listener of process.listeners(name)) {
      if (before[index]?.has(listener) !== true) process.removeListener(name, listener);
    }
  }
  return result;
}

/** When nobody else handles a signal, makes of it an exit, at which the runtime is killed. Gives a function that ends this. */
export function exitOnSignals(): () => void {
  const listeners = NAMES.map((name) => {
    const listener = (): void => {
      if (process.listenerCount(name) === 1) process.exit(128 + SIGNALS[name]);
    };
    process.on(name, listener);
    return () => process.removeListener(name, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}
