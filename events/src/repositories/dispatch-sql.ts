import { sql } from "drizzle-orm";

import {
  userEventFeed,
  userEvents,
  webhookDeliveries,
  webhookDispatch,
  webhookEndpoints,
  webhookLanes,
} from "../../../src/db/schema.ts";
import { prepareStatement } from "../../../src/db/statement.ts";

/**
 * Events from where the last run ended, as far as no transaction under way can still write before them, become deliveries. Runs
 * stand in line for the row of `webhook_dispatch`. An endpoint gets what was committed after it was, and perhaps what happened in
 * the minute before; never the events of all the time in which nothing was dispatched.
 *
 * A planner without statistics knows by the limits that there is one row each, and by `max` that there is an index for it.
 */
export const fanOutEvents = prepareStatement<{ readonly rows: number }>(
  "webhook_deliveries.fan_out",
  "repeatable-write",
  (value) => sql`with feed as materialized (
  select user_event_horizon() as horizon, swept_stamp, swept_position from ${userEventFeed} limit 1
), reached as materialized (
  select stamp, position from ${webhookDispatch} limit 1 for update
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
  coalesce((select max(stamp) from ${userEvents}) >= feed.horizon, false),
  (feed.swept_stamp, feed.swept_position) > (reached.stamp, reached.position) and reached.stamp > 0
from feed cross join reached`,
);

export type QueueValues = Readonly<Record<"perEndpoint" | "out" | "failures" | "leaseMs", number>>;

/**
 * What was due first comes first. Lanes that somebody else is at just now are skipped, not waited for. The inner limit is one that a
 * planner can count with, and the outer one ends the search. Out are lanes that will be due within the time of a message: one is in
 * the queue, or somebody works on it.
 */
export const queueDueLanes = prepareStatement<QueueValues>(
  "webhook_deliveries.queue_due",
  "write",
  (value) => sql`with due as materialized (
  select found.endpoint_id, found.subject_id from ${webhookEndpoints} as endpoint cross join lateral (
    select * from (
      select lane.endpoint_id, lane.subject_id from ${webhookLanes} as lane
      where lane.endpoint_id = endpoint.id and lane.next_at <= now()
      order by lane.next_at limit ${value("perEndpoint")}::integer for update of lane skip locked
    ) as first
    limit least(
      case when endpoint.consecutive_failures < ${value("failures")}::integer then ${value("perEndpoint")}::integer else 1 end,
      ${value("out")}::integer - (select count(*) from (
        select from ${webhookLanes} as lane where lane.endpoint_id = endpoint.id
          and lane.next_at > now() and lane.next_at <= now() + ${value("leaseMs")}::bigint * interval '1 millisecond'
        limit ${value("out")}::integer
      ) as out)
    )
  ) as found
  where endpoint.status = 'enabled'
)
update ${webhookLanes} as lane set next_at = now() + ${value("leaseMs")}::bigint * interval '1 millisecond'
from due where lane.endpoint_id = due.endpoint_id and lane.subject_id = due.subject_id
returning lane.endpoint_id, lane.subject_id`,
);

/**
 * Of endpoints that are disabled also what is pending: its events are gone by then. Lanes in which nothing is pending go in the end, so that
 * nobody waits for them meanwhile, unless something has been added to them or somebody is at them.
 */
export const sweepDeliveries = prepareStatement<{ readonly ageMs: number }>(
  "webhook_deliveries.delete_expired",
  "repeatable-write",
  (value) => sql`with gone as (
  delete from ${webhookDeliveries} as delivery using ${webhookEndpoints} as endpoint
  where endpoint.id = delivery.endpoint_id
    and delivery.created_at < now() - ${value("ageMs")}::bigint * interval '1 millisecond'
    and (delivery.state <> 'pending' or endpoint.status = 'disabled')
  returning 1
), swept as materialized (
  select count(*) as deliveries from gone
), empty as materialized (
  select lane.endpoint_id, lane.subject_id, lane.generation
  from swept cross join ${webhookLanes} as lane join ${webhookEndpoints} as endpoint on endpoint.id = lane.endpoint_id
  where lane.next_at is null or endpoint.status = 'disabled' and not exists (
    select from ${webhookDeliveries} as delivery
    where delivery.subject_id = lane.subject_id and delivery.endpoint_id = lane.endpoint_id and delivery.state = 'pending'
  )
), idle as materialized (
  select lane.endpoint_id, lane.subject_id from empty join ${webhookLanes} as lane
    on lane.endpoint_id = empty.endpoint_id and lane.subject_id = empty.subject_id and lane.generation = empty.generation
  for update of lane skip locked
), dropped as (
  delete from ${webhookLanes} as lane using idle where lane.endpoint_id = idle.endpoint_id and lane.subject_id = idle.subject_id
)
select deliveries from swept`,
);
