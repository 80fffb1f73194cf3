import { sql } from "drizzle-orm";

import { userEvents, webhookDeliveries, webhookEndpoints } from "../../../src/db/schema.ts";
import { prepareStatement } from "../../../src/db/statement.ts";
import { isHead } from "./lane-sql.ts";

type DeliveryValues = { readonly endpointId: string; readonly eventId: string };

/**
 * What the work on a row of `claimed` needs: the delivery, where it goes and who signs it; then the event as `user_events` has
 * it, of nulls only where there is none.
 */
const WORK = sql`select claimed.endpoint_id, claimed.subject_id, claimed.event_id, claimed.fencing_token, claimed.event_type, claimed.attempts, claimed.created_at,
  endpoint.url, endpoint.secret, case when endpoint.previous_secret_until > now() then endpoint.previous_secret end,
  event.stamp, event.position, event.event_id, event.type, event.user_id, event.user_version, event.payload, event.occurred_at
from claimed join ${webhookEndpoints} as endpoint on endpoint.id = claimed.endpoint_id
left join ${userEvents} as event on event.stamp = claimed.stamp and event.position = claimed.position`;

export type TakeValues = { readonly endpointId: string; readonly subjectId: string; readonly leaseMs: number };

/** A message may come a moment before its time, for the queue has a clock of its own. */
const EARLY = sql`interval '1 second'`;

export const takeHead = prepareStatement<TakeValues>(
  "webhook_deliveries.take",
  "repeatable-write",
  (value) => sql`with claimed as (
  update ${webhookDeliveries} as delivery
  set claimed_until = now() + ${value("leaseMs")}::bigint * interval '1 millisecond', fencing_token = delivery.fencing_token + 1
  from ${webhookEndpoints} as endpoint
  where delivery.subject_id = ${value("subjectId")}::uuid and delivery.endpoint_id = ${value("endpointId")}::uuid and delivery.state = 'pending'
    and delivery.due_at <= now() + ${EARLY} and (delivery.claimed_until is null or delivery.claimed_until <= now())
    and endpoint.id = delivery.endpoint_id and endpoint.status = 'enabled'
    and ${isHead}
  returning delivery.*
) ${WORK}`,
);

export type SuccessValues = DeliveryValues & {
  readonly status: number;
  readonly wantsNext: boolean;
  readonly leaseMs: number;
};

/** The next head is waited for where somebody has locked it: to skip it would be to overtake it. */
export const recordSuccess = prepareStatement<SuccessValues>(
  "webhook_deliveries.succeed",
  "repeatable-write",
  (value) => sql`with done as (
  update ${webhookDeliveries}
  set state = 'delivered', attempts = attempts + 1, last_status = ${value("status")}::integer, last_error = null,
    last_attempt_at = now(), delivered_at = now(), due_at = null, queued_until = null, claimed_until = null
  where endpoint_id = ${value("endpointId")}::uuid and event_id = ${value("eventId")}::uuid and state = 'pending'
  returning endpoint_id, event_id, subject_id
), healed as (
  update ${webhookEndpoints} as endpoint set failing_since = null, consecutive_failures = 0
  from done where endpoint.id = done.endpoint_id and (endpoint.failing_since is not null or endpoint.consecutive_failures > 0)
), next as (
  select delivery.endpoint_id, delivery.event_id, delivery.due_at, delivery.claimed_until
  from done join ${webhookDeliveries} as delivery on delivery.endpoint_id = done.endpoint_id
    and delivery.subject_id = done.subject_id and delivery.state = 'pending' and delivery.event_id <> done.event_id
  where ${value("wantsNext")}::boolean
  order by delivery.stamp, delivery.position limit 1 for update of delivery
), claimed as (
  update ${webhookDeliveries} as delivery
  set claimed_until = now() + ${value("leaseMs")}::bigint * interval '1 millisecond', fencing_token = delivery.fencing_token + 1
  from next join ${webhookEndpoints} as endpoint on endpoint.id = next.endpoint_id
  where delivery.endpoint_id = next.endpoint_id and delivery.event_id = next.event_id and endpoint.status = 'enabled'
    and next.due_at <= now() and (next.claimed_until is null or next.claimed_until <= now())
  returning delivery.*
) ${WORK}`,
);

export type FailureValues = DeliveryValues & {
  readonly token: number;
  readonly status: number | null;
  readonly error: string;
  readonly delayMs: number | null;
  readonly leaseMs: number;
  readonly isEndpointsFault: boolean;
  readonly isGone: boolean;
  readonly disableAfterMs: number;
};

/** A delivery of an endpoint that is gone stays pending: should it be enabled again, nothing is missing. */
export const recordFailure = prepareStatement<FailureValues>(
  "webhook_deliveries.fail",
  "repeatable-write",
  (value) => sql`with failed as (
  update ${webhookDeliveries}
  set attempts = attempts + 1, last_status = ${value("status")}::integer, last_error = ${value("error")}::text, last_attempt_at = now(),
    state = case when ${value("delayMs")}::bigint is null then 'dead' else 'pending' end,
    due_at = now() + ${value("delayMs")}::bigint * interval '1 millisecond',
    queued_until = now() + (${value("delayMs")}::bigint + ${value("leaseMs")}::bigint) * interval '1 millisecond', claimed_until = null,
    fencing_token = fencing_token + 1
  where endpoint_id = ${value("endpointId")}::uuid and event_id = ${value("eventId")}::uuid and state = 'pending'
    and fencing_token = ${value("token")}::integer
  returning endpoint_id
), verdict as (
  select endpoint.id, case
    when endpoint.status = 'disabled' then null
    when ${value("isGone")}::boolean then 'gone'
    when now() - endpoint.failing_since >= ${value("disableAfterMs")}::bigint * interval '1 millisecond' then 'failing'
  end as reason
  from failed join ${webhookEndpoints} as endpoint on endpoint.id = failed.endpoint_id
  where ${value("isEndpointsFault")}::boolean for update of endpoint
), noted as (
  update ${webhookEndpoints} as endpoint
  set consecutive_failures = least(endpoint.consecutive_failures, 1000000) + 1, failing_since = coalesce(endpoint.failing_since, now()),
    status = case when verdict.reason is null then endpoint.status else 'disabled' end,
    disabled_reason = coalesce(verdict.reason, endpoint.disabled_reason),
    updated_at = case when verdict.reason is null then endpoint.updated_at else now() end,
    version = endpoint.version + case when verdict.reason is null then 0 else 1 end
  from verdict where endpoint.id = verdict.id
)
select verdict.reason from failed left join verdict on true`,
);
