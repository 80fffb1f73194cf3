import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import type { Fault } from "../../dev/gateway/index.ts";
import { FAULT_KINDS, type FaultName } from "./kinds.ts";

/** Hands faults to the gateway, one after the other, and knows which have been met. */
export interface Injector {
  inject(name: FaultName, match: string | null): Promise<void>;
  /** How often each kind was handed over, and has hit a request. */
  count(): Promise<ReadonlyMap<FaultName, { readonly injected: number; readonly hit: number }>>;
  /** Takes away those that have hit nothing. */
  clear(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
/** Another fault may have closed the port just now. */
const ATTEMPTS = 40;
const PAUSE_MS = 50;

const pendingFaults = z.array(z.looseObject({ kind: z.string() }));

export function createInjector(gatewayOrigin: string): Injector {
  const injected: { readonly name: FaultName; readonly fault: Fault }[] = [];
  const call = async (method: string, body?: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await fetch(`${gatewayOrigin}/_gateway/faults`, {
          method,
          // A kept connection may be one that a fault has closed.
          headers: { Connection: "close" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const answer: unknown = await response.json();
        if (!response.ok) throw new Error(`the gateway refuses a fault: ${JSON.stringify(answer)}`);
        return answer;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await sleep(PAUSE_MS);
      }
    }
  };
  return {
    async inject(name, match) {
      const fault = toFault(name, match);
      injected.push({ name, fault });
      // The port closes under its own answer.
      if (fault.kind === "refuse") await refuse(gatewayOrigin, fault);
      else await call("PUT", fault);
    },
    async count() {
      const pending = pendingFaults.parse(await call("GET")).map((fault) => keyOf(fault));
      const counts = new Map<FaultName, { injected: number; hit: number }>();
      for (const { name, fault } of injected) {
        const count = counts.get(name) ?? { injected: 0, hit: 0 };
        counts.set(name, count);
        count.injected += 1;
        const place = pending.indexOf(keyOf(fault));
        if (place === -1) count.hit += 1;
        else pending.splice(place, 1);
      }
      return counts;
    },
    clear: async () => void (await call("DELETE")),
  };
}

function toFault(name: FaultName, match: string | null): Fault {
  const fault = FAULT_KINDS[name];
  if (fault.kind === "refuse") return fault;
  return { ...fault, times: 1, ...(match === null ? {} : { match }) };
}

/** The members of a fault in a fixed order. */
function keyOf(fault: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(fault).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

async function refuse(origin: string, fault: Fault): Promise<void> {
  const init = { method: "PUT", body: JSON.stringify(fault), headers: { Connection: "close" } };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      await fetch(`${origin}/_gateway/faults`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      return;
    } catch (error) {
      if (!isRefused(error)) return;
      await sleep(PAUSE_MS);
    }
  }
}

/** Whether the port was closed already: then the fault has not arrived. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}
