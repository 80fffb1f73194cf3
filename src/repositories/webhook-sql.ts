import { desc, eq, getTableColumns, sql, type SQL } from "drizzle-orm";

import { webhookDeliveries, webhookEndpoints } from "../db/schema.ts";
import { builder, prepareStatement, type Statement } from "../db/statement.ts";
import { TEST_EVENT_TYPE, type EndpointStatus } from "../models/webhook.ts";
import { isTarget, notBefore, type TargetValues } from "./versioned.ts";

const { id, url, description, eventTypes, status, disabledReason, previousSecretUntil, createdAt, updatedAt, version } =
  getTableColumns(webhookEndpoints);

/** What is read of an endpoint: its secrets leave the database for the events Worker only. */
export const SHOWN_COLUMNS = {
  id,
  url,
  description,
  eventTypes,
  status,
  disabledReason,
  previousSecretUntil,
  createdAt,
  updatedAt,
  version,
};

/** An endpoint that is added; times are RFC 3339, `eventTypes` is an array literal of PostgreSQL. */
type InsertValues = Readonly<
  Record<"id" | "url" | "eventTypes" | "secret" | "createdBy" | "createdAt", string> & {
    description: string | null;
    limit: number;
  }
>;

/** Adds it, unless there are as many as the limit; changes one row, also when it is sent again. */
export const insertEndpoint = prepareStatement<InsertValues>(
  "webhooks.insert",
  "repeatable-write",
  (value) =>
    sql`insert into ${webhookEndpoints} (id, url, description, event_types, secret, created_by, created_at, updated_at) select ${value("id")}::uuid, ${value("url")}, ${value("description")}, ${value("eventTypes")}::text[], ${value("secret")}, ${value("createdBy")}, ${value("createdAt")}::timestamptz, ${value("createdAt")}::timestamptz where (select count(*) from ${webhookEndpoints} where id <> ${value("id")}::uuid) < ${value("limit")}::integer on conflict (id) do update set url = excluded.url`,
);

export const findEndpoint = prepareStatement<{ readonly id: string }>("webhooks.find_by_id", "read", (value) =>
  builder
    .select(SHOWN_COLUMNS)
    .from(webhookEndpoints)
    .where(eq(id, value("id"))),
);

export const listEndpoints = prepareStatement<Record<never, unknown>>("webhooks.list", "read", () =>
  builder.select(SHOWN_COLUMNS).from(webhookEndpoints).orderBy(desc(createdAt), desc(id)),
);

/** Which of the statements for changes is meant; `status` decides what becomes of the failures. */
export interface EndpointChangeShape {
  readonly fields: readonly ("url" | "description" | "eventTypes")[];
  readonly status: EndpointStatus | null;
  readonly isConditional: boolean;
}

/** Values of a change; of the fields only those that the statement sets. `updatedAt` is RFC 3339. */
type ChangeValues = TargetValues & {
  readonly updatedAt: string;
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly eventTypes?: readonly string[] | undefined;
};

const STATUS_CHANGES = {
  enabled: { status: "enabled", disabledReason: null, failingSince: null, consecutiveFailures: 0 },
  disabled: { status: "disabled", disabledReason: sql`coalesce(${disabledReason}, 'manual')` },
} as const;

/** Changes an endpoint that has one of the expected versions; gives it, or no row. */
export function prepareEndpointChange(shape: EndpointChangeShape): Statement<ChangeValues> {
  return prepareStatement("webhooks.update", "write", (value) =>
    builder
      .update(webhookEndpoints)
      .set({
        ...Object.fromEntries(shape.fields.map((field) => [field, value(field)])),
        ...(shape.status === null ? {} : STATUS_CHANGES[shape.status]),
        updatedAt: notBefore(updatedAt, value("updatedAt")),
        version: sql`${version} + 1`,
      })
      .where(isTarget(webhookEndpoints, value, shape.isConditional))
      .returning(SHOWN_COLUMNS),
  );
}

/** Removes an endpoint that has one of the expected versions; its deliveries go with it. */
export function prepareEndpointDelete({
  isConditional,
}: Pick<EndpointChangeShape, "isConditional">): Statement<TargetValues> {
  return prepareStatement("webhooks.delete", isConditional ? "write" : "repeatable-write", (value) =>
    builder.delete(webhookEndpoints).where(isTarget(webhookEndpoints, value, isConditional)),
  );
}

/** Times are RFC 3339. */
type RotationValues = Readonly<Record<"id" | "secret" | "rotatedAt" | "previousSecretUntil", string>>;

/**
 * A rotation within the time of another one replaces the newer secret only: whoever lost the answer, or sent it twice, takes
 * no secret away from receivers that still have the one before.
 */
export const rotateEndpointSecret = prepareStatement<RotationValues>(
  "webhooks.rotate_secret",
  "repeatable-write",
  (value) => {
    const time = sql`${value("rotatedAt")}::timestamptz`;
    const unlessRotating = (present: SQL, otherwise: SQL) =>
      sql`case when ${previousSecretUntil} > ${time} then ${present} else ${otherwise} end`;
    const { secret, previousSecret } = webhookEndpoints;
    return builder
      .update(webhookEndpoints)
      .set({
        previousSecret: unlessRotating(sql`${previousSecret}`, sql`${secret}`),
        previousSecretUntil: unlessRotating(
          sql`${previousSecretUntil}`,
          sql`${value("previousSecretUntil")}::timestamptz`,
        ),
        secret: sql`${value("secret")}`,
        updatedAt: notBefore(updatedAt, value("rotatedAt")),
        version: sql`${version} + 1`,
      })
      .where(eq(id, value("id")))
      .returning(SHOWN_COLUMNS);
  },
);

/** `createdAt` is RFC 3339. */
type TestValues = Readonly<Record<"id" | "eventId" | "createdAt", string>>;

/** Gives the status of the endpoint, or no row; the delivery is there when it is enabled. It waits for nobody: its subject is itself. */
export const queueTestDelivery = prepareStatement<TestValues>("webhooks.queue_test", "repeatable-write", (value) => {
  const [event, time] = [sql`${value("eventId")}::uuid`, sql`${value("createdAt")}::timestamptz`];
  return sql`with endpoint as materialized (select id, status from ${webhookEndpoints} where id = ${value("id")}::uuid for key share), queued as (insert into ${webhookDeliveries} (endpoint_id, event_id, stamp, position, event_type, subject_id, due_at, created_at) select id, ${event}, 0, 0, ${sql.raw(`'${TEST_EVENT_TYPE}'`)}, ${event}, ${time}, ${time} from endpoint where status = 'enabled' on conflict do nothing) select status from endpoint`;
});
