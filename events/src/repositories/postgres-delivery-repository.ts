import type { TextResult, TextRow } from "../../../src/db/client.ts";
import type { QueryRunner } from "../../../src/db/query-runner.ts";
import { rowReader } from "../../../src/db/rows.ts";
import { userEvents } from "../../../src/db/schema.ts";
import { toEventBody } from "../../../src/models/user-event-body.ts";
import { TEST_EVENT_TYPE, type DisabledReason } from "../../../src/models/webhook.ts";
import type { Claim, DeliveryRepository, Failed, FanOut, Work } from "../models/delivery.ts";
import { claimHeads, fanOutEvents, sweepDeliveries } from "./dispatch-sql.ts";
import { recordFailure, recordSuccess, takeDelivery } from "./work-sql.ts";

const toEvent = rowReader(userEvents);

/** Deliveries in PostgreSQL (migration 0009); one statement per method. */
export function createPostgresDeliveryRepository({ queries }: { readonly queries: QueryRunner }): DeliveryRepository {
  return {
    fanOut: (rows, context) =>
      queries.run(context, { statement: fanOutEvents, values: { rows }, read: toFanOut }),

    claim: ({ perEndpoint, failures, leaseMs }, context) =>
      queries.run(context, {
        statement: claimHeads,
        values: { perEndpoint, failures, leaseMs },
        read: ({ rows }) => rows.map(toClaim),
      }),

    take: ({ endpointId, eventId, token }, leaseMs, context) =>
      queries.run(context, {
        statement: takeDelivery,
        values: { endpointId, eventId, token, leaseMs },
        read: toWork,
      }),

    succeed: ({ endpointId, eventId }, status, { isWanted: wantsNext, leaseMs }, context) =>
      queries.run(context, {
        statement: recordSuccess,
        values: { endpointId, eventId, status, wantsNext, leaseMs },
        read: toWork,
      }),

    fail: ({ endpointId, eventId, token }, failure, consequence, context) =>
      queries.run(context, {
        statement: recordFailure,
        values: { endpointId, eventId, token, ...failure, ...consequence },
        read: toFailed,
      }),

    sweep: (ageMs, context) =>
      queries.run(context, { statement: sweepDeliveries, values: { ageMs }, read: ({ rowCount }) => rowCount }),
  };
}

function toFanOut({ rows: [row] }: TextResult): FanOut {
  const [events, deliveries, isBehind, hasMissed] = row ?? [];
  return {
    events: Number(events),
    deliveries: Number(deliveries),
    isBehind: isBehind === "t",
    hasMissed: hasMissed === "t",
  };
}

function toClaim([endpointId, eventId, token]: TextRow): Claim {
  return { endpointId: endpointId ?? "", eventId: eventId ?? "", token: Number(token) };
}

function toWork({ rows: [row] }: TextResult): Work | null {
  if (row === undefined) return null;
  const claim = toClaim(row);
  const [eventType, attempts, createdAt, url, secret, previousSecret, ...event] = row.slice(3);
  return {
    ...claim,
    eventType: eventType ?? "",
    attempts: Number(attempts),
    url: url ?? "",
    secrets: [secret, previousSecret].flatMap((one) => one ?? []),
    body: toBody(claim, eventType ?? "", createdAt ?? "", event),
  };
}

/** A test has no row among the events: it is made of its delivery. */
function toBody(claim: Claim, type: string, createdAt: string, event: TextRow): string | null {
  if (type === TEST_EVENT_TYPE) {
    const occurred = new Date(createdAt).toISOString();
    return JSON.stringify({ id: claim.eventId, type, occurred_at: occurred, webhook_id: claim.endpointId });
  }
  return event[0] === null || event[0] === undefined ? null : JSON.stringify(toEventBody(toEvent(event)));
}

function toFailed({ rows: [row] }: TextResult): Failed | null {
  if (row === undefined) return null;
  const [token, reason] = row;
  return { token: Number(token), disabled: toReason(reason ?? null) };
}

function toReason(text: string | null): DisabledReason | null {
  return text === "gone" || text === "failing" ? text : null;
}
