import { sql } from "drizzle-orm";

import { userEvents, webhookDeliveries, webhookEndpoints, webhookLanes } from "../../../src/db/schema.ts";
import { prepareStatement } from "../../../src/db/statement.ts";

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

/**
 * When to look again at a lane in which the snapshot has nothing pending: never, unless somebody has added to it since. The statement that
 * waits for the row of the lane sees its newest generation there, and in `seen` still that of its snapshot.
 */
const UNLESS_ADDED = sql`case when lane.generation = seen.generation then null else now() end`;

export type TakeValues = { readonly endpointId: string; readonly subjectId: string; readonly leaseMs: number };

/** A message may come a moment before its time, for the queue has a clock of its own. */
const EARLY = sql`interval '1 second'`;

/** The head is looked up by itself: what comes and goes so fast has no statistics, and a planner without them would join all rows with all. */
export const takeHead = prepareStatement<TakeValues>(
  "webhook_deliveries.take",
  "repeatable-write",
  (value) => sql`with head as materialized (
  select endpoint_id, event_id from ${webhookDeliveries}
  where subject_id = ${value("subjectId")}::uuid and endpoint_id = ${value("endpointId")}::uuid and state = 'pending'
  order by stamp, position limit 1
), claimed as (
  update ${webhookDeliveries} as delivery
  set claimed_until = now() + ${value("leaseMs")}::bigint * interval '1 millisecond', fencing_token = delivery.fencing_token + 1
  from head join ${webhookEndpoints} as endpoint on endpoint.id = head.endpoint_id
  where delivery.endpoint_id = head.endpoint_id and delivery.event_id = head.event_id and delivery.state = 'pending'
    and delivery.due_at <= now() + ${EARLY} and (delivery.claimed_until is null or delivery.claimed_until <= now())
    and endpoint.status = 'enabled'
  returning delivery.*
), seen as materialized (
  select endpoint_id, subject_id, generation from ${webhookLanes}
  where endpoint_id = ${value("endpointId")}::uuid and subject_id = ${value("subjectId")}::uuid
), kept as (
  update ${webhookLanes} as lane set next_at = case
    when claimed.event_id is not null then claimed.claimed_until
    else ${UNLESS_ADDED}
  end
  from seen left join claimed on true left join head on true
  where lane.endpoint_id = seen.endpoint_id and lane.subject_id = seen.subject_id
    and (claimed.event_id is not null or head.event_id is null)
) ${WORK}`,
);

export type SuccessValues = DeliveryValues & {
  readonly status: number;
  readonly wantsNext: boolean;
  readonly leaseMs: number;
};

/**
 * The next head is waited for where somebody has locked it: to skip it would be to overtake it. The row of the lane is locked last, here
 * as everywhere: whoever holds one waits for nothing but other lanes, in their order.
 */
export const recordSuccess = prepareStatement<SuccessValues>(
  "webhook_deliveries.succeed",
  "repeatable-write",
  (value) => sql`with done as (
  update ${webhookDeliveries}
  set state = 'delivered', attempts = attempts + 1, last_status = ${value("status")}::integer, last_error = null,
    last_attempt_at = now(), delivered_at = now(), due_at = null, claimed_until = null
  where endpoint_id = ${value("endpointId")}::uuid and event_id = ${value("eventId")}::uuid and state = 'pending'
  returning endpoint_id, event_id, subject_id
), healed as (
  update ${webhookEndpoints} as endpoint set failing_since = null, consecutive_failures = 0
  from done where endpoint.id = done.endpoint_id and (endpoint.failing_since is not null or endpoint.consecutive_failures > 0)
  returning endpoint.id
), next as materialized (
  select delivery.* from done cross join lateral (
    select endpoint_id, event_id, due_at, claimed_until from ${webhookDeliveries}
    where subject_id = done.subject_id and endpoint_id = done.endpoint_id and state = 'pending' and event_id <> done.event_id
    order by stamp, position limit 1 for update
  ) as delivery
), claimed as (
  update ${webhookDeliveries} as delivery
  set claimed_until = now() + ${value("leaseMs")}::bigint * interval '1 millisecond', fencing_token = delivery.fencing_token + 1
  from next join ${webhookEndpoints} as endpoint on endpoint.id = next.endpoint_id
  where delivery.endpoint_id = next.endpoint_id and delivery.event_id = next.event_id and endpoint.status = 'enabled'
    and ${value("wantsNext")}::boolean and next.due_at <= now() and (next.claimed_until is null or next.claimed_until <= now())
  returning delivery.*
), seen as materialized (
  select lane.endpoint_id, lane.subject_id, lane.generation from done join ${webhookLanes} as lane
    on lane.endpoint_id = done.endpoint_id and lane.subject_id = done.subject_id
), kept as (
  update ${webhookLanes} as lane set next_at = case
    when claimed.event_id is not null then claimed.claimed_until
    when next.event_id is not null then greatest(next.due_at, next.claimed_until, now())
    else ${UNLESS_ADDED}
  end
  from seen left join next on true left join claimed on true left join healed on true
  where lane.endpoint_id = seen.endpoint_id and lane.subject_id = seen.subject_id
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
    claimed_until = null, fencing_token = fencing_token + 1
  where endpoint_id = ${value("endpointId")}::uuid and event_id = ${value("eventId")}::uuid and state = 'pending'
    and fencing_token = ${value("token")}::integer
  returning endpoint_id, subject_id
), verdict as (
  select endpoint.id, case
    when endpoint.status = 'disabled' then null
    when ${value("isGone")}::boolean then 'gone'
    when now() - endpoint.failing_since >= ${value("disableAfterMs")}::bigint * interval '1 millisecond' then 'failing'
  end as reason
  from failed join ${webhookEndpoints} as endpoint on endpoint.id = failed.endpoint_id
  where ${value("isEndpointsFault")}::boolean for no key update of endpoint
), noted as (
  update ${webhookEndpoints} as endpoint
  set consecutive_failures = least(endpoint.consecutive_failures, 1000000) + 1, failing_since = coalesce(endpoint.failing_since, now()),
    status = case when verdict.reason is null then endpoint.status else 'disabled' end,
    disabled_reason = coalesce(verdict.reason, endpoint.disabled_reason),
    updated_at = case when verdict.reason is null then endpoint.updated_at else now() end,
    version = endpoint.version + case when verdict.reason is null then 0 else 1 end
  from verdict where endpoint.id = verdict.id
), kept as (
  update ${webhookLanes} as lane
  set next_at = now() + coalesce(${value("delayMs")}::bigint + ${value("leaseMs")}::bigint, 0) * interval '1 millisecond'
  from failed left join verdict on true
  where lane.endpoint_id = failed.endpoint_id and lane.subject_id = failed.subject_id
)
select verdict.reason from failed left join verdict on true`,
);
