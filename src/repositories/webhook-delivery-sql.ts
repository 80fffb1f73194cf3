import { getTableColumns, sql } from "drizzle-orm";

import { webhookDeliveries, webhookEndpoints } from "../db/schema.ts";
import { prepareStatement, type Statement } from "../db/statement.ts";
import type { DeliveryQuery } from "../models/webhook-endpoint.ts";

const columns = getTableColumns(webhookDeliveries);

/** What is read of a delivery, in this order; how the events Worker claims it is nobody else's business. */
export const DELIVERY_COLUMNS = {
  eventId: columns.eventId,
  eventType: columns.eventType,
  subjectId: columns.subjectId,
  state: columns.state,
  attempts: columns.attempts,
  dueAt: columns.dueAt,
  lastStatus: columns.lastStatus,
  lastError: columns.lastError,
  lastAttemptAt: columns.lastAttemptAt,
  deliveredAt: columns.deliveredAt,
  createdAt: columns.createdAt,
};

/** Values of a list; only those of the shape's conditions are used. */
export type DeliveryValues = {
  readonly id: string;
  /** Rows at most: one more than the page shows, which tells whether there is a next one. */
  readonly rows: number;
  readonly state: string | null;
  /** RFC 3339. */
  readonly afterKey: string | null;
  readonly afterId: string | null;
};

/** Which conditions there are. */
export type DeliveryShape = Readonly<Record<"hasState" | "hasCursor", boolean>>;

export function deliveryShape({ state, after }: DeliveryQuery): DeliveryShape {
  return { hasState: state !== null, hasCursor: after !== null };
}

export function deliveryValues(id: string, { state, limit, after }: DeliveryQuery): DeliveryValues {
  return { id, rows: limit + 1, state, afterKey: after?.key ?? null, afterId: after?.id ?? null };
}

/** One row for each delivery, behind the endpoint's id; a single one without a delivery where there is none, and none without the endpoint. */
export function prepareDeliveries({ hasState, hasCursor }: DeliveryShape): Statement<DeliveryValues> {
  return prepareStatement("webhooks.list_deliveries", "read", (value) => {
    const ofState = hasState ? sql` and state = ${value("state")}` : sql``;
    const position = sql`(${value("afterKey")}::timestamptz, ${value("afterId")}::uuid)`;
    const behind = hasCursor ? sql` and (created_at, event_id) < ${position}` : sql``;
    const names = sql.join(
      Object.values(DELIVERY_COLUMNS).map(({ name }) => sql.identifier(name)),
      sql`, `,
    );
    return sql`select endpoint.id, delivery.* from ${webhookEndpoints} endpoint left join lateral (select ${names} from ${webhookDeliveries} where endpoint_id = endpoint.id${ofState}${behind} order by created_at desc, event_id desc limit ${value("rows")}) as delivery on true where endpoint.id = ${value("id")}::uuid order by delivery.created_at desc, delivery.event_id desc`;
  });
}
