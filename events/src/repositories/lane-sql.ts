import { sql } from "drizzle-orm";

import { webhookDeliveries } from "../../../src/db/schema.ts";

/**
 * Whether the row `delivery` is the first of its lane that is pending. As a look into the index of lanes for each row: what comes
 * and goes so fast has no statistics, and a planner without them would join all rows with all.
 */
export const isHead = sql`delivery.event_id = (
  select first.event_id from ${webhookDeliveries} as first
  where first.subject_id = delivery.subject_id and first.endpoint_id = delivery.endpoint_id and first.state = 'pending'
  order by first.stamp, first.position limit 1
)`;
