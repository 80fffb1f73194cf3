/** Ends what was started, the last first. */
export interface Cleanup {
  add(stop: () => void | Promise<void>): void;
  /** Ends everything, whatever fails; may be called again. */
  run(): Promise<void>;
}

export function createCleanup(report: (line: string) => void = console.error): Cleanup {
  const stops: (() => void | Promise<void>)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    async run() {
      for (const stop of stops.splice(0).toReversed()) {
        try {
          await stop();
        } catch (error) {
          report(`clean-up: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    },
  };
}
