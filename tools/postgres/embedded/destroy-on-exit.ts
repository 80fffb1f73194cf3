import { existsSync } from "node:fs";

import { destroyInstance } from "./instance-folder.ts";

/** Removes the instance when this process ends or is told to; returns a function that takes the watch off again. */
export function destroyOnExit(root: string): () => void {
  const destroy = (): void => {
    if (existsSync(root)) destroyInstance(root);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    destroy();
    // Our listener took the place of the default end; where others listen too, the end is theirs to decide.
    process.off(signal, onSignal);
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.on("exit", destroy);
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    process.off("exit", destroy);
    for (const signal of signals) process.off(signal, onSignal);
  };
}
