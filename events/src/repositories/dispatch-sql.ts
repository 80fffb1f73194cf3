import { sql } from "drizzle-orm";

import {
  userEventFeed,
  userEvents,
  webhookDeliveries,
  webhookDispatch,
  webhookEndpoints,
} from "../../../src/db/schema.ts";
import { prepareStatement } from "../../../src/db/statement.ts";
import { isHead } from "./lane-sql.ts";

/** As the trigger of users has it (migration 0007). */
const EPOCH_BITS = 40;

/**
 * Events from where the last run ended, as far as no transaction under way can still write before them, become deliveries. Runs
 * stand in line for the row of `webhook_dispatch`. An endpoint gets what was committed after it was, and perhaps what happened in
 * the minute before; never the events of all the time in which nothing was dispatched.
 */
export const fanOutEvents = prepareStatement<{ readonly rows: number }>(
  "webhook_deliveries.fan_out",
  "repeatable-write",
  (value) => sql`with feed as materialized (
  select (epoch << ${sql.raw(String(EPOCH_BITS))}) + pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon, swept_stamp, swept_position from ${userEventFeed}
), reached as materialized (
  select stamp, position from ${webhookDispatch} for update
), batch as materialized (
  select event.* from feed cross join reached cross join lateral (
    select stamp, position, event_id, type, user_id, occurred_at from ${userEvents}
    where stamp < feed.horizon and (stamp, position) > (reached.stamp, reached.position)
    order by stamp, position limit ${value("rows")}
  ) as event
), target as materialized (
  select id, event_types, created_at from ${webhookEndpoints} where status = 'enabled' order by id for key share
), fanned as (
  insert into ${webhookDeliveries} (endpoint_id, event_id, stamp, position, event_type, subject_id, due_at, created_at)
  select target.id, batch.event_id, batch.stamp, batch.position, batch.type, batch.user_id, now(), now()
  from batch join target on cardinality(target.event_types) = 0 or batch.type = any (target.event_types)
  where batch.occurred_at >= target.created_at - interval '1 minute'
  order by target.id, batch.stamp, batch.position
  on conflict do nothing returning 1
), moved as (
  update ${webhookDispatch} as dispatch set stamp = last.stamp, position = last.position
  from (
    select stamp, position from batch union all select swept_stamp, swept_position from feed order by stamp desc, position desc limit 1
  ) as last
  where (last.stamp, last.position) > (dispatch.stamp, dispatch.position)
)
select (select count(*) from batch), (select count(*) from fanned),
  exists (select from ${userEvents} where stamp >= feed.horizon),
  (feed.swept_stamp, feed.swept_position) > (reached.stamp, reached.position) and reached.stamp > 0
from feed cross join reached`,
);

export type QueueValues = { readonly perEndpoint: number; readonly failures: number; readonly leaseMs: number };

/**
 * The first pending delivery of a lane is its head; a later one is never touched, so that nothing overtakes. Rows that
 * somebody else is at just now are skipped, not waited for.
 */
export const queueDueLanes = prepareStatement<QueueValues>(
  "webhook_deliveries.queue_due",
  "write",
  (value) => sql`with head as materialized (
  select head.endpoint_id, head.event_id from ${webhookEndpoints} as endpoint cross join lateral (
    select delivery.endpoint_id, delivery.event_id from ${webhookDeliveries} as delivery
    where delivery.endpoint_id = endpoint.id and delivery.due_at <= now()
      and (delivery.queued_until is null or delivery.queued_until <= now())
      and (delivery.claimed_until is null or delivery.claimed_until <= now())
      and ${isHead}
    order by delivery.due_at
    limit case when endpoint.consecutive_failures < ${value("failures")}::integer then ${value("perEndpoint")}::integer else 1 end
    for update of delivery skip locked
  ) as head
  where endpoint.status = 'enabled'
)
update ${webhookDeliveries} as delivery
set queued_until = now() + ${value("leaseMs")}::bigint * interval '1 millisecond'
from head where delivery.endpoint_id = head.endpoint_id and delivery.event_id = head.event_id
returning delivery.endpoint_id, delivery.subject_id`,
);

/** Of endpoints that are disabled also what is pending: its events are gone by then. */
export const sweepDeliveries = prepareStatement<{ readonly ageMs: number }>(
  "webhook_deliveries.delete_expired",
  "repeatable-write",
  (value) => sql`delete from ${webhookDeliveries} as delivery using ${webhookEndpoints} as endpoint
where endpoint.id = delivery.endpoint_id
  and delivery.created_at < now() - ${value("ageMs")}::bigint * interval '1 millisecond'
  and (delivery.state <> 'pending' or endpoint.status = 'disabled')`,
);
