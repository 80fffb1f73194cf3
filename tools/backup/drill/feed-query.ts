import pg from "pg";

import { createQueryRunner } from "../../../src/db/query-runner.ts";
import type { EventQuery } from "../../../src/models/user-event.ts";
import { createPostgresUserEventRepository } from "../../../src/repositories/postgres-user-event-repository.ts";
import { OPEN_GATE } from "../../../src/resilience/gate.ts";
import type { TableDigest } from "../database/table-digests.ts";
import type { Comparison } from "./compare.ts";

const EVENTS = "public.user_events";
const LIMIT = 1_000;

/**
 * Restarts the stamps of events, as whoever restores for real has to, and reads the feed as the service would, to its end. Null
 * for a backup from before there were events.
 */
export async function followAsService(url: string, tables: readonly TableDigest[]): Promise<Comparison | null> {
  const rows = tables.find(({ table }) => table === EVENTS)?.rows;
  if (rows === undefined) return null;
  const compared = { what: "service follows", dumped: `${rows} events` };
  try {
    const count = await countFollowed(url);
    const problems = count === rows ? [] : [`the service's feed has ${count} events, not ${rows}`];
    return { ...compared, restored: `${count} events`, problems };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...compared, restored: "-", problems: [`the service's feed cannot be read: ${reason}`] };
  }
}

async function countFollowed(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    await client.query("SELECT public.restart_user_event_stamps()");
    return await walk(client);
  } finally {
    await client.end();
  }
}

async function walk(client: pg.Client): Promise<number> {
  const events = createPostgresUserEventRepository({ queries: queriesOf(client) });
  const context = { id: "drill", traceId: null, signal: new AbortController().signal, countQuery: () => undefined };
  let after: EventQuery["after"] = "oldest";
  for (let count = 0; ;) {
    const page = await events.read({ filter: { type: null, userId: null }, limit: LIMIT, after }, context);
    count += page.items.length;
    if (page.isAtEnd) return count;
    after = page.next;
  }
}

/** As the driver gives rows: each value as text. */
function queriesOf(client: pg.Client) {
  const types = { getTypeParser: () => (text: string) => text };
  return createQueryRunner({
    async send(text, values) {
      const { rows, rowCount } = await client.query<(string | null)[]>({ text, values, rowMode: "array", types });
      return { rows, rowCount: rowCount ?? 0 };
    },
    clock: Date.now,
    gate: OPEN_GATE,
    retries: null,
  });
}
