import { createClient } from "../load/client.ts";
import type { ControlRecord } from "./sample.ts";
import type { Shedder } from "./shedder.ts";

/** Asks the control Worker all the time, over kept and over new connections in turn, as the load does. */
export interface ControlProbe {
  /** Asks it once more, if it is time. */
  tick(now: number): void;
  /** The requests that ended since the last call. */
  take(): ControlRecord[];
  close(): void;
}

const INTERVAL_MS = 100;
const TIMEOUT_MS = 10_000;

export function createControlProbe(origin: string, shedder: Shedder, clock: () => number): ControlProbe {
  const client = createClient({ origin, timeoutMs: TIMEOUT_MS });
  let records: ControlRecord[] = [];
  let nextAt = 0;
  let serial = 0;
  const ask = async (id: number): Promise<void> => {
    const at = clock();
    shedder.onSent(id, at);
    const reply = await client.send({ method: "GET", path: "/" }, id % 2 === 0);
    const endedAt = clock();
    shedder.onEnd(id, endedAt);
    records.push({ at, ms: endedAt - at, isAnswered: reply.kind === "answer" && reply.status === 200 });
  };
  return {
    tick(now) {
      if (now < nextAt) return;
      nextAt = now + INTERVAL_MS;
      serial += 1;
      void ask(serial);
    },
    take() {
      const taken = records;
      records = [];
      return taken;
    },
    close: () => client.close(),
  };
}
