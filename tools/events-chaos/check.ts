import type { Sighting } from "./receiver.ts";

/** An event as the outbox has it. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly userId: string;
  readonly userVersion: number;
}

/** What one receiver saw, held against the outbox. */
export interface ReceiverVerdict {
  readonly expected: number;
  /** Of those, such that it took. */
  readonly taken: number;
  readonly lost: readonly string[];
  /** Came more than once. */
  readonly doubles: number;
  /** First seen after a later event of the same user. */
  readonly disordered: readonly string[];
  /** Not wanted, not in the outbox, or other than there. */
  readonly wrong: readonly string[];
}

/**
 * Compares what a receiver saw with the events that it wants.
 * @param outbox all of them, in their order
 * @param seen in the order of their first sight
 */
export function judgeReceiver(outbox: readonly OutboxEvent[], seen: Iterable<Sighting>): ReceiverVerdict {
  const wanted = new Map(outbox.map((event, place) => [event.id, { event, place }]));
  const lost = new Set(wanted.keys());
  const furthest = new Map<string, number>();
  const [disordered, wrong]: [string[], string[]] = [[], []];
  let doubles = 0;
  for (const sighting of seen) {
    doubles += sighting.times - 1;
    if (sighting.isTaken) lost.delete(sighting.id);
    const known = wanted.get(sighting.id);
    if (known === undefined || !isSame(known.event, sighting)) {
      wrong.push(sighting.id);
      continue;
    }
    const before = furthest.get(sighting.userId) ?? -1;
    if (known.place < before) disordered.push(sighting.id);
    furthest.set(sighting.userId, Math.max(before, known.place));
  }
  return { expected: wanted.size, taken: wanted.size - lost.size, lost: [...lost], doubles, disordered, wrong };
}

function isSame(event: OutboxEvent, { type, userId, userVersion }: Sighting): boolean {
  return event.type === type && event.userId === userId && event.userVersion === userVersion;
}
