import type { TextResult, TextRow } from "../../../src/db/client.ts";
import type { QueryRunner } from "../../../src/db/query-runner.ts";
import { rowReader } from "../../../src/db/rows.ts";
import { userEvents } from "../../../src/db/schema.ts";
import { toEventBody } from "../../../src/models/user-event-body.ts";
import { TEST_EVENT_TYPE, type DisabledReason } from "../../../src/models/webhook.ts";
import type { DeliveryRepository, Failed, FanOut, Work } from "../models/delivery.ts";
import { fanOutEvents, queueDueLanes, sweepDeliveries } from "./dispatch-sql.ts";
import { recordFailure, recordSuccess, takeHead } from "./work-sql.ts";

const toEvent = rowReader(userEvents);

/** Deliveries in PostgreSQL (migration 0009); one statement per method. */
export function createPostgresDeliveryRepository({ queries }: { readonly queries: QueryRunner }): DeliveryRepository {
  return {
    fanOut: (rows, context) => queries.run(context, { statement: fanOutEvents, values: { rows }, read: toFanOut }),

    queueDue: ({ perEndpoint, out, failures, leaseMs }, context) =>
      queries.run(context, {
        statement: queueDueLanes,
        values: { perEndpoint, out, failures, leaseMs },
        read: ({ rows }) =>
          rows.map(([endpointId, subjectId]) => ({ endpointId: endpointId ?? "", subjectId: subjectId ?? "" })),
      }),

    take: ({ endpointId, subjectId }, leaseMs, context) =>
      queries.run(context, {
        statement: takeHead,
        values: { endpointId, subjectId, leaseMs },
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
      queries.run(context, { statement: sweepDeliveries, values: { ageMs }, read: ({ rows }) => Number(rows[0]?.[0]) }),
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

function toWork({ rows: [row] }: TextResult): Work | null {
  if (row === undefined) return null;
  // None of these columns is nullable.
  const [endpointId = "", subjectId = "", eventId = "", token, eventType = "", attempts, createdAt = "", url = ""] =
    row.map((text) => text ?? "");
  const [secret, previousSecret, ...event] = row.slice(8);
  return {
    endpointId,
    subjectId,
    eventId,
    token: Number(token),
    eventType,
    attempts: Number(attempts),
    url,
    secrets: [secret, previousSecret].flatMap((one) => one ?? []),
    body: toBody({ endpointId, eventId, eventType }, createdAt, event),
  };
}

/** A test has no row among the events: it is made of its delivery. */
function toBody(
  { endpointId, eventId: id, eventType: type }: Pick<Work, "endpointId" | "eventId" | "eventType">,
  createdAt: string,
  event: TextRow,
): string | null {
  if (type === TEST_EVENT_TYPE)
    return JSON.stringify({ id, type, occurred_at: new Date(createdAt).toISOString(), webhook_id: endpointId });
  return event[0] === null || event[0] === undefined ? null : JSON.stringify(toEventBody(toEvent(event)));
}

function toFailed({ rows: [row] }: TextResult): Failed | null {
  if (row === undefined) return null;
  return { disabled: toReason(row[0] ?? null) };
}

function toReason(text: string | null): DisabledReason | null {
  return text === "gone" || text === "failing" ? text : null;
}
