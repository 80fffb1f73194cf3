import { setTimeout as sleep } from "node:timers/promises";

import { FAULT_KINDS, FAULT_NAMES, type FaultName } from "../chaos/faults/kinds.ts";
import { pickIndex, type Random } from "../rehearsal/load/random.ts";
import { CONSUMER_FAULTS, type ConsumerFault } from "./consumer-faults.ts";
import type { Receiver } from "./receiver.ts";
import type { EventsStack } from "./stack.ts";

/** What happens when such a share of the events has arrived. */
export type Incident = { readonly at: number } & (
  | { readonly kind: "gateway"; readonly name: FaultName; readonly match: string | null }
  | { readonly kind: "consumer"; readonly name: ConsumerFault }
  | { readonly kind: "database" | "receiver" | "runtime"; readonly downMs: number }
);

/** Texts of the statements that a fault may be meant for; every second one hits whatever comes next. */
const TARGETS = ["webhook_dispatch", "skip locked", "left join", "set state = 'delivered'", "then 'dead'"] as const;

/** The last part of a run is left alone, so that the last faults are met. */
const BUSY_SHARE = 0.9;
const MIN_DOWN_MS = 300;
const MORE_DOWN_MS = 2_000;

/** Spreads incidents over a run, in their order: every kind as often as every other, the same for the same `random`. */
export function scheduleIncidents(count: number, random: Random): readonly Incident[] {
  const downMs = (): number => Math.round(MIN_DOWN_MS + MORE_DOWN_MS * random());
  const makers: ((at: number) => Incident)[] = [
    ...(["database", "receiver", "runtime"] as const).map((kind) => (at: number) => ({ at, kind, downMs: downMs() })),
    ...CONSUMER_FAULTS.map((name) => (at: number) => ({ at, kind: "consumer" as const, name })),
    ...FAULT_NAMES.map((name) => (at: number) => ({ at, kind: "gateway" as const, name, match: pickTarget(random) })),
  ];
  const incidents = Array.from({ length: count }, (_, index) => {
    const at = random() * BUSY_SHARE;
    return makers[index % makers.length]?.(at) ?? { at, kind: "receiver" as const, downMs: downMs() };
  });
  return incidents.toSorted((left, right) => left.at - right.at);
}

function pickTarget(random: Random): string | null {
  return random() < 0.5 ? null : (TARGETS[pickIndex(random, TARGETS.length)] ?? null);
}

export interface IncidentsOptions {
  readonly stack: EventsStack;
  readonly receivers: readonly Receiver[];
  readonly schedule: readonly Incident[];
  readonly random: Random;
}

export interface Incidents {
  /** Lets happen what is due at a share of the events; settles when it is over. */
  advance(share: number): Promise<void>;
  /** How often each kind has happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** What could not be brought about. */
  readonly troubles: readonly string[];
}

export function createIncidents({ stack, receivers, schedule, random }: IncidentsOptions): Incidents {
  const waiting = [...schedule];
  const counts = new Map<string, number>();
  const troubles: string[] = [];
  const act = async (incident: Incident): Promise<void> => {
    const name = "name" in incident ? `${incident.kind}: ${incident.name}` : `${incident.kind} down`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    try {
      await cause(incident, stack, receivers[pickIndex(random, receivers.length)]);
    } catch (error) {
      troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    counts,
    troubles,
    async advance(share) {
      for (let next = waiting[0]; next !== undefined && next.at <= share; next = waiting[0]) {
        waiting.shift();
        await act(next);
      }
    },
  };
}

async function cause(incident: Incident, stack: EventsStack, receiver: Receiver | undefined): Promise<void> {
  switch (incident.kind) {
    case "gateway": {
      const fault = FAULT_KINDS[incident.name];
      if (fault.kind === "refuse") return stack.gateway.inject(fault);
      return stack.gateway.inject({
        ...fault,
        times: 1,
        ...(incident.match === null ? {} : { match: incident.match }),
      });
    }
    case "consumer":
      return await stack.worker.fail(incident.name);
    case "runtime":
      return await stack.worker.restart();
    case "database":
      await stack.postgres.crash();
      await sleep(incident.downMs);
      return await stack.postgres.start();
    case "receiver":
      receiver?.setUp(false);
      await sleep(incident.downMs);
      return receiver?.setUp(true);
  }
}
