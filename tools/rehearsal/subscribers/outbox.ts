import { uuidv7 } from "uuidv7";

import { withClient } from "../scenarios/database-state.ts";
import type { Wanted } from "./index.ts";

/** An event as the database has it. */
export interface OutboxEvent {
  readonly id: string;
  readonly userId: string;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
}

/**
 * Makes an endpoint of all events, as the API does it. Not by the API: in production it refuses addresses of this machine. Gives the
 * time from which on it has to be told, in milliseconds since 1970.
 */
export async function createEndpoint(databaseUrl: string, url: string, secret: string): Promise<number> {
  return await withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO webhook_endpoints (id, url, secret, created_by, created_at, updated_at)
       VALUES ($1, $2, $3, 'rehearsal', now(), now())`,
      [uuidv7(), url, secret],
    );
    return Date.now();
  });
}

/** All events, in the order of the feed. */
export async function readOutbox(databaseUrl: string): Promise<readonly OutboxEvent[]> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ event_id: string; user_id: string; occurred_at: Date }>(
      "SELECT event_id, user_id, occurred_at FROM user_events ORDER BY stamp, position",
    );
    return rows.map((row) => ({ id: row.event_id, userId: row.user_id, occurredAt: row.occurred_at.getTime() }));
  });
}

/** What each kind has to see: a webhook what happened since its endpoint is there, the others everything. */
export function wantedOf(outbox: readonly OutboxEvent[], webhookSince: number): Wanted["ids"] {
  const all = outbox.map(({ id }) => id);
  const webhook = outbox.filter(({ occurredAt }) => occurredAt >= webhookSince).map(({ id }) => id);
  return { sse: all, pages: all, websocket: all, webhook };
}
