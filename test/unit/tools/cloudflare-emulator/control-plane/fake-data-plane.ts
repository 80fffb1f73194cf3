import type { ControlledDataPlane } from "../../../../../tools/cloudflare-emulator/control-plane/index.ts";
import { type Script, StartupError } from "../../../../../tools/cloudflare-emulator/model.ts";

export interface FakeDataPlane extends ControlledDataPlane {
  /** What it would serve, by script. */
  readonly published: Map<string, Script>;
  /** Ids of the versions it was asked to start. */
  readonly started: string[];
  /** Runs as `script cron`. */
  readonly crons: string[];
  /** Sends an event to whoever listens to a script. */
  emit(scriptName: string, event: object): void;
}

/** Runs nothing. A version whose main module is named `broken.js` does not start. */
export function createFakeDataPlane(): FakeDataPlane {
  const listeners = new Map<string, Set<(event: object) => void>>();
  let faults = { propagationMs: 0, ignoreOverrides: false, loseRpcAnswers: 0 };
  const published = new Map<string, Script>();
  const started: string[] = [];
  const crons: string[] = [];
  return {
    published,
    started,
    crons,
    async tryStart(_script, version) {
      started.push(version.id);
      if (version.mainModule === "broken.js") throw new StartupError("Uncaught Error: boom\n  at broken.js:1:7");
      return 12.4;
    },
    async publish(script) {
      published.set(script.name, script);
    },
    async remove(scriptName) {
      published.delete(scriptName);
    },
    async runCron(scriptName, cron) {
      if (!published.has(scriptName)) throw new Error(`Nothing runs for ${scriptName}`);
      crons.push(`${scriptName} ${cron}`);
      return "ok";
    },
    async evictObjects(scriptName) {
      if (!published.has(scriptName)) throw new Error(`${scriptName} has no Durable Objects`);
    },
    onTrace(scriptName, listener) {
      const known = listeners.get(scriptName) ?? new Set();
      listeners.set(scriptName, known.add(listener));
      return () => known.delete(listener);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    faults: () => faults,
    emit(scriptName, event) {
      for (const listener of listeners.get(scriptName) ?? []) listener(event);
    },
  } satisfies FakeDataPlane;
}
