import pg from "pg";

import type { ReplayOptions } from "./options.ts";

export interface Replayed {
  /** Deliveries that will be made again, or for the first time. */
  readonly deliveries: number;
  /** Whether the endpoint takes any. */
  readonly isEnabled: boolean;
}

/** As good as new; whoever is at it just now has lost his claim. */
const RESET = `state = 'pending', attempts = 0, due_at = now(), claimed_until = null, delivered_at = null,
    fencing_token = webhook_deliveries.fencing_token + 1`;

const REPLAY_DEAD = `update webhook_deliveries set ${RESET}
  where endpoint_id = $1 and state = 'dead'
    and ($2::timestamptz is null or exists (
      select from user_events event
      where event.stamp = webhook_deliveries.stamp and event.position = webhook_deliveries.position and event.occurred_at >= $2))`;

/** What has not been dispatched yet comes by itself. */
const REPLAY_SINCE = `insert into webhook_deliveries (endpoint_id, event_id, stamp, position, event_type, subject_id, due_at, created_at)
  select endpoint.id, event.event_id, event.stamp, event.position, event.type, event.user_id, now(), now()
  from webhook_endpoints endpoint cross join webhook_dispatch dispatch cross join user_events event
  where endpoint.id = $1 and event.occurred_at >= $2::timestamptz
    and (event.stamp, event.position) <= (dispatch.stamp, dispatch.position)
    and (cardinality(endpoint.event_types) = 0 or event.type = any (endpoint.event_types))
  on conflict (endpoint_id, event_id) do update set ${RESET}`;

/** Their lanes are due now, also those that wait for the next attempt: the trigger of the table knows of what is added only. */
const wakingLanes = (replay: string): string => `with replayed as (
  ${replay}
  returning endpoint_id, subject_id
), woken as (
  insert into webhook_lanes as lane (endpoint_id, subject_id, next_at)
  select distinct endpoint_id, subject_id, now() from replayed order by endpoint_id, subject_id
  on conflict (endpoint_id, subject_id) do update set generation = lane.generation + 1, next_at = excluded.next_at
)
select count(*)::integer as deliveries from replayed`;

/**
 * Makes deliveries pending again; the events Worker sends them with its next run, within a minute.
 * @throws Error when there is no such endpoint
 */
export async function replayDeliveries({
  postgresUrl,
  endpointId,
  isDeadOnly,
  since,
}: ReplayOptions): Promise<Replayed> {
  const client = new pg.Client({ connectionString: postgresUrl });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    const { rows } = await client.query<{ status: string }>("select status from webhook_endpoints where id = $1", [
      endpointId,
    ]);
    const [endpoint] = rows;
    if (endpoint === undefined) throw new Error("there is no such endpoint");
    const replay = wakingLanes(isDeadOnly ? REPLAY_DEAD : REPLAY_SINCE);
    const replayed = await client.query<{ deliveries: number }>(replay, [endpointId, since]);
    return { deliveries: replayed.rows[0]?.deliveries ?? 0, isEnabled: endpoint.status === "enabled" };
  } finally {
    await client.end();
  }
}
