import type { Kind, Sightings } from "../subscribers/kinds.ts";
import { type OutboxEvent, wantedOf } from "../subscribers/outbox.ts";

/** What subscribers saw, and what there was to be seen. */
export interface SubscriberEvidence {
  readonly sightings: readonly Sightings[];
  /** All events, in the order of the feed. */
  readonly outbox: readonly OutboxEvent[];
  /** From when on webhooks were sent, in milliseconds since 1970. */
  readonly webhookSince: number;
}

/** What one subscriber saw, held against the outbox; events in words. */
export interface SubscriberResult {
  readonly kind: Kind;
  readonly expected: number;
  /** Of the expected ones. */
  readonly seen: number;
  readonly reconnects: number;
  /** Not seen, though a later one was; of a webhook, a later one of the same user. */
  readonly lost: readonly string[];
  /** Not seen, nor anything after it. */
  readonly late: readonly string[];
  /** Came more than once. */
  readonly doubled: readonly string[];
  /** Came for the first time after a later one of its user. */
  readonly swapped: readonly string[];
  /** Not in the outbox, or no event at all. */
  readonly foreign: readonly string[];
}

export function evaluateSubscribers({ sightings, outbox, webhookSince }: SubscriberEvidence): SubscriberResult[] {
  const wanted = wantedOf(outbox, webhookSince);
  return sightings.map((seen) => evaluateSubscriber(seen, outbox, new Set(wanted[seen.kind])));
}

function evaluateSubscriber(
  { kind, ids, reconnects, invalid }: Sightings,
  outbox: readonly OutboxEvent[],
  wanted: ReadonlySet<string>,
): SubscriberResult {
  const places = new Map(outbox.map(({ id, userId }, place) => [id, { userId, place }]));
  const seen = new Set<string>();
  const furthest = createFurthest();
  const [doubled, swapped, foreign]: [string[], string[], string[]] = [[], [], [...invalid]];
  for (const id of ids) {
    const known = places.get(id);
    if (known === undefined) foreign.push(id);
    else if (seen.has(id)) doubled.push(id);
    else if (!furthest.move(known.userId, known.place)) swapped.push(id);
    seen.add(id);
  }
  const missing = outbox.filter(({ id }) => wanted.has(id) && !seen.has(id));
  // Users' events come side by side by webhook; the feed has one order for all.
  const scopeOf = kind === "webhook" ? (userId: string) => userId : () => null;
  const isPassed = ({ id, userId }: OutboxEvent): boolean =>
    furthest.of(scopeOf(userId)) > (places.get(id)?.place ?? Infinity);
  return {
    kind,
    expected: wanted.size,
    seen: wanted.size - missing.length,
    reconnects,
    lost: missing.filter(isPassed).map(({ id }) => id),
    late: missing.filter((event) => !isPassed(event)).map(({ id }) => id),
    doubled,
    swapped,
    foreign,
  };
}

/** The furthest place that was seen, of each user and of all. */
function createFurthest() {
  const places = new Map<string, number>();
  let ofAll = -1;
  return {
    /** Whether it goes forward. */
    move(userId: string, place: number): boolean {
      const before = places.get(userId) ?? -1;
      places.set(userId, Math.max(before, place));
      ofAll = Math.max(ofAll, place);
      return place > before;
    },
    of: (userId: string | null): number => (userId === null ? ofAll : (places.get(userId) ?? -1)),
  };
}
