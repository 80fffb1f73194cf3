import { randomBytes, randomUUID } from "node:crypto";

import type pg from "pg";

import type { DeliveryRepository, Lane, Work } from "../../events/src/models/delivery.ts";
import { createPostgresDeliveryRepository } from "../../events/src/repositories/postgres-delivery-repository.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { withContext, type WithoutContext } from "./call-context.ts";
import { buildUser } from "./users.ts";

/** Deliveries in a real database, over as many connections as are wanted at once. */
export function openDeliveries(pool: pg.Pool): WithoutContext<DeliveryRepository> {
  // As the driver has it: each value as text.
  const types = { getTypeParser: () => (text: string) => text };
  const send = async (text: string, values: unknown[]) => {
    const { rows, rowCount } = await pool.query({ text, values, rowMode: "array", types });
    return { rows, rowCount: rowCount ?? 0 };
  };
  const queries = createQueryRunner({ send, clock: Date.now, gate: OPEN_GATE, retries: null });
  return withContext(createPostgresDeliveryRepository({ queries }));
}

export function createSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

export interface EndpointRow {
  readonly url: string;
  readonly secret: string;
  readonly eventTypes: readonly string[];
  readonly status: "enabled" | "disabled";
}

type Queryable = Pick<pg.Pool, "query">;

/** Adds an endpoint, as the API would; gives its id. */
export async function addEndpoint(sql: Queryable, given: Partial<EndpointRow> = {}): Promise<string> {
  const id = randomUUID();
  const { url = "https://example.com/hook", secret = createSecret(), eventTypes = [], status = "enabled" } = given;
  await sql.query(
    `insert into webhook_endpoints (id, url, secret, event_types, status, disabled_reason, created_by, created_at, updated_at)
     values ($1, $2, $3, $4, $5, case $5::text when 'disabled' then 'manual' end, 'test', now(), now())`,
    [id, url, secret, eventTypes, status],
  );
  return id;
}

/** Asks for a test event, as the API would; gives the event's id. */
export async function addTestDelivery(sql: Queryable, endpointId: string): Promise<string> {
  const id = randomUUID();
  await sql.query(
    `insert into webhook_deliveries (endpoint_id, event_id, stamp, position, event_type, subject_id, due_at, created_at)
     values ($1, $2, 0, 0, 'webhook.test', $2, now(), now())`,
    [endpointId, id],
  );
  return id;
}

export interface DeliveryRow {
  readonly eventId: string;
  readonly type: string;
  readonly state: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly token: number;
}

/** The deliveries of an endpoint in their order. */
export async function readDeliveries(sql: Queryable, endpointId: string): Promise<readonly DeliveryRow[]> {
  const { rows } = await sql.query(
    `select event_id as "eventId", event_type as type, state, attempts, last_status as "lastStatus", last_error as "lastError",
       fencing_token as token
     from webhook_deliveries where endpoint_id = $1 order by stamp, position`,
    [endpointId],
  );
  return rows;
}

export interface LaneRow {
  readonly subjectId: string;
  /** Whether nothing is pending in it. */
  readonly isEmpty: boolean;
  readonly isDue: boolean;
}

/** The lanes of all endpoints. */
export async function readLanes(sql: Queryable): Promise<readonly LaneRow[]> {
  const { rows } = await sql.query(
    `select subject_id as "subjectId", next_at is null as "isEmpty", coalesce(next_at <= now(), false) as "isDue" from webhook_lanes`,
  );
  return rows;
}

/** Adds a user past the API; gives its id. */
export async function addUser(sql: Queryable): Promise<string> {
  const { id, username, email } = buildUser();
  await sql.query(
    "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())",
    [id, username, email],
  );
  return id;
}

export async function changeUser(sql: Queryable, id: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await sql.query("update users set version = version + 1 where id = $1", [id]);
}

export async function removeUser(sql: Queryable, id: string): Promise<void> {
  await sql.query("delete from users where id = $1", [id]);
}

/** Long enough for a test. */
export const LEASE_MS = 60_000;
export const LIMITS = { perEndpoint: 100, out: 500, failures: 10, leaseMs: LEASE_MS };

type Deliveries = WithoutContext<DeliveryRepository>;

/** Dispatches what there is, and queues the only lane that is due. */
export async function queueOne(deliveries: Deliveries): Promise<Lane> {
  await deliveries.fanOut(100);
  const [lane, ...others] = await deliveries.queueDue(LIMITS);
  if (lane === undefined || others.length > 0) throw new Error(`${others.length + 1} lanes instead of one`);
  return lane;
}

/** The same, and claims its head. */
export async function takeOne(deliveries: Deliveries): Promise<Work> {
  const work = await deliveries.take(await queueOne(deliveries), LEASE_MS);
  if (work === null) throw new Error("there is nothing to do");
  return work;
}

/** Time goes by until messages are lost, claims are over, and everything is due. */
export async function lapse(sql: Queryable): Promise<void> {
  await sql.query(
    `with due as (
       update webhook_deliveries set claimed_until = now() - interval '1 second', due_at = now() where state = 'pending'
     )
     update webhook_lanes set next_at = now() where next_at is not null`,
  );
}
