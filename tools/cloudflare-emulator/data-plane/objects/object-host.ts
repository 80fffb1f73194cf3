import type { RpcAddress } from "../runtime/registry.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Starts the process of objects; `onEnd` is called when it ends without having been asked to. */
export type StartObjects = (onEnd: () => void) => Promise<Pick<Runtime, "rpcAddress" | "stop" | "startedInMs">>;

/** The process of one script's objects: never two at a time, for a database can be open in one only. */
export interface ObjectHost {
  /** Replaces what runs, unless it is the same already. @param identity of what is to run */
  run(identity: string, start: StartObjects): void;
  /** Waits until the process runs. @throws StartupError when it does not start */
  address(): Promise<RpcAddress>;
  /** Replaces the process by a new one of the same kind; resolves when that runs, or could not start. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export function createObjectHost(log: (line: string) => void): ObjectHost {
  let identity = "";
  let start: StartObjects | null = null;
  let running: Promise<Awaited<ReturnType<StartObjects>>> | null = null;

  const stop = async (process: typeof running): Promise<void> => {
    await process?.then((runtime) => runtime.stop()).catch(() => undefined);
  };
  const replace = (): Promise<unknown> => {
    const before = running;
    const launch = start;
    if (launch === null) return Promise.resolve();
    const next = (async () => {
      await stop(before);
      const runtime = await launch(() => {
        if (running === next) void replace().catch(() => undefined);
      });
      log(`objects run after ${runtime.startedInMs} ms`);
      return runtime;
    })();
    running = next;
    // Whoever waits for the objects is told, and the next one who needs them tries again.
    next.catch((error: unknown) => {
      log(`objects do not start: ${String(error)}`);
      if (running === next) running = null;
    });
    return next;
  };

  return {
    run(wanted, launch) {
      if (wanted === identity) return;
      identity = wanted;
      start = launch;
      void replace().catch(() => undefined);
    },
    async address() {
      if (running === null) void replace().catch(() => undefined);
      // While it is waited for, it may be replaced once more.
      for (let waited = running; waited !== null; waited = running) {
        const runtime = await waited;
        if (waited === running) return runtime.rpcAddress();
      }
      throw new Error("The objects do not run");
    },
    async restart() {
      log("objects are evicted");
      await replace().catch(() => undefined);
    },
    async close() {
      const last = running;
      running = null;
      start = null;
      await stop(last);
    },
  };
}
