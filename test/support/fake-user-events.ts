import { AppError } from "../../src/models/errors.ts";
import type {
  EventPage,
  EventPosition,
  EventQuery,
  UserEvent,
  UserEventRepository,
} from "../../src/models/user-event.ts";
import { buildUser } from "./users.ts";

/** Events in memory, each a transaction of its own. */
export interface FakeUserEvents extends UserEventRepository {
  /** What was read so far. */
  readonly queries: readonly EventQuery[];
  /** Adds events. */
  add(...events: readonly Omit<UserEvent, "stamp" | "position">[]): void;
  /** Fails the reads to come, in turn; null lets one through. */
  failNext(...errors: readonly (Error | null)[]): void;
  /** Removes the first ones, as retention does. */
  sweep(count: number): void;
}

export function createFakeUserEvents(initial: readonly Omit<UserEvent, "stamp" | "position">[] = []): FakeUserEvents {
  const queries: EventQuery[] = [];
  const failures: (Error | null)[] = [];
  let events: UserEvent[] = [];
  let count = 0;
  let swept = 0n;
  const add: FakeUserEvents["add"] = (...added) => {
    events.push(...added.map((event) => ({ ...event, stamp: BigInt(++count), position: BigInt(count) })));
  };
  add(...initial);
  return {
    queries,
    add,
    failNext: (...errors) => void failures.push(...errors),
    sweep(removed) {
      swept = events[removed - 1]?.stamp ?? swept;
      events = events.slice(removed);
    },
    async read(query): Promise<EventPage> {
      queries.push(query);
      const failure = failures.shift() ?? null;
      if (failure !== null) throw failure;
      return readPage({ events, swept, horizon: BigInt(count + 1) }, query);
    },
    deleteBefore: async () => 0,
  };
}

interface Feed {
  readonly events: readonly UserEvent[];
  readonly swept: bigint;
  readonly horizon: bigint;
}

function readPage({ events, swept, horizon }: Feed, { filter, after, limit }: EventQuery): EventPage {
  if (typeof after !== "string" && after.stamp !== 0n && after.stamp < swept) throw new AppError("cursor-expired");
  const found = events.filter(
    (event) =>
      after !== "now" &&
      (after === "oldest" || isBehind(event, after)) &&
      event.type === (filter.type ?? event.type) &&
      event.userId === (filter.userId ?? event.userId),
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const isAtEnd = items.length < limit;
  return { items, isAtEnd, next: isAtEnd || last === undefined ? { stamp: horizon, position: 0n } : last };
}

function isBehind({ stamp, position }: EventPosition, after: EventPosition): boolean {
  return stamp > after.stamp || (stamp === after.stamp && position > after.position);
}

let sequence = 0;

/** A valid event of a new user, except for what `overrides` says. */
export function buildEvent(
  overrides: Partial<Omit<UserEvent, "stamp" | "position">> = {},
): Omit<UserEvent, "stamp" | "position"> {
  const { id, username, email } = buildUser();
  const place = (sequence++).toString(16).padStart(12, "0");
  const time = "2026-03-01T12:00:00.123Z";
  return {
    eventId: `01932f2e-a1c4-7b02-9d55-${place}`,
    type: "user.created",
    userId: id,
    userVersion: 1,
    payload: { id, username, email, full_name: "Ada Lovelace", created_at: time, updated_at: time },
    occurredAt: new Date(time),
    ...overrides,
  };
}
