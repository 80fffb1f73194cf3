import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { createDatabaseClient } from "../../src/db/client.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import type { WebhookRepository } from "../../src/models/webhook-endpoint.ts";
import { createPostgresWebhookRepository } from "../../src/repositories/postgres-webhook-repository.ts";
import { deliveryShape, deliveryValues, prepareDeliveries } from "../../src/repositories/webhook-delivery-sql.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startGateway, type Gateway } from "../../tools/dev/gateway/index.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { TEST_CONTEXT, withContext } from "../support/call-context.ts";
import { buildWebhook } from "../support/webhook-endpoints.ts";
import { describeWebhookRepository, type OpenedWebhooks } from "../support/webhook-repository-contract.ts";

let postgres: PostgresServer;
let gateway: Gateway;
let sql: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  const postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  gateway = await startGateway({ postgresUrl });
  sql = new pg.Client({ connectionString: postgresUrl });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await gateway?.close();
  await postgres?.close();
});

function connect(): WebhookRepository {
  const send = createDatabaseClient({ databaseUrl: gateway.connectionString, fetchEndpoint: gateway.url });
  return createPostgresWebhookRepository({
    queries: createQueryRunner({ send, clock: Date.now, gate: OPEN_GATE, retries: null }),
  });
}

async function open(): Promise<OpenedWebhooks> {
  await sql.query("truncate webhook_endpoints cascade");
  return {
    webhooks: connect(),
    async secretsOf(id) {
      const { rows } = await sql.query<{ secret: string; previous_secret: string | null }>(
        "select secret, previous_secret from webhook_endpoints where id = $1",
        [id],
      );
      return { secret: rows[0]?.secret ?? "", previousSecret: rows[0]?.previous_secret ?? null };
    },
    async addDelivery(id, delivery) {
      await sql.query(
        `insert into webhook_deliveries (endpoint_id, stamp, position, event_id, event_type, subject_id, state, attempts, due_at,
           last_status, last_error, last_attempt_at, delivered_at, created_at)
         values ($1, 7, 7, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          id,
          delivery.eventId,
          delivery.eventType,
          delivery.subjectId,
          delivery.state,
          delivery.attempts,
          delivery.dueAt,
          delivery.lastStatus,
          delivery.lastError,
          delivery.lastAttemptAt,
          delivery.deliveredAt,
          delivery.createdAt,
        ],
      );
    },
  };
}

describeWebhookRepository("PostgreSQL through Neon's driver", open);

describe("Webhook endpoints in PostgreSQL", () => {
  test("are read by statements that no secret leaves the database in", async ({ expect }) => {
    const { webhooks } = await open();
    const made = buildWebhook();
    const seen: string[] = [];
    const send = createDatabaseClient({ databaseUrl: gateway.connectionString, fetchEndpoint: gateway.url });
    const repository = createPostgresWebhookRepository({
      queries: createQueryRunner({
        send: async (...statement) => {
          const result = await send(...statement);
          seen.push(JSON.stringify(result.rows));
          return result;
        },
        clock: Date.now,
        gate: OPEN_GATE,
        retries: null,
      }),
    });
    await webhooks.insert(made, 50, TEST_CONTEXT);
    const shown = withContext(repository);
    const rotation = { secret: "whsec_rotated", rotatedAt: new Date(), previousSecretUntil: new Date() };
    await shown.findById(made.id);
    await shown.list();
    await shown.update(made.id, { description: "x", updatedAt: new Date() }, null);
    await shown.rotateSecret(made.id, rotation);
    await shown.queueTest(made.id, { eventId: made.id, createdAt: new Date() });
    await shown.listDeliveries(made.id, { state: null, limit: 10, after: null });
    expect(seen).toHaveLength(6);
    expect(seen.join("\n")).not.toContain("whsec_");
    expect(seen.join("\n")).toContain(made.id);
  });

  test("that are enabled again forget how often they failed", async ({ expect }) => {
    const { webhooks } = await open();
    const made = buildWebhook();
    await webhooks.insert(made, 50, TEST_CONTEXT);
    await sql.query(
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'failing', failing_since = now(), consecutive_failures = 9`,
    );
    const updatedAt = new Date();
    const disabled = await webhooks.update(made.id, { status: "disabled", updatedAt }, null, TEST_CONTEXT);
    expect(disabled).toMatchObject({ disabledReason: "failing" });
    await webhooks.update(made.id, { status: "enabled", updatedAt }, null, TEST_CONTEXT);
    const { rows } = await sql.query(
      "select failing_since, consecutive_failures, disabled_reason from webhook_endpoints",
    );
    expect(rows).toEqual([{ failing_since: null, consecutive_failures: 0, disabled_reason: null }]);
  });

  test("keep a type that this version does not know to themselves", async ({ expect }) => {
    const { webhooks } = await open();
    const made = buildWebhook();
    await webhooks.insert(made, 50, TEST_CONTEXT);
    await sql.query("update webhook_endpoints set event_types = '{user.renamed,user.created}'");
    expect(await webhooks.findById(made.id, TEST_CONTEXT)).toMatchObject({ eventTypes: ["user.created"] });
  });

  test("go, and a test for them is refused, when both are sent at once", async ({ expect }) => {
    const { webhooks } = await open();
    for (let round = 0; round < 10; round += 1) {
      const made = buildWebhook();
      await webhooks.insert(made, 50, TEST_CONTEXT);
      const tests = Array.from({ length: 4 }, () =>
        webhooks.queueTest(made.id, { eventId: crypto.randomUUID(), createdAt: new Date() }, TEST_CONTEXT).then(
          () => "queued",
          (error: unknown) => (error as { readonly code: string }).code,
        ),
      );
      const [isDeleted, ...outcomes] = await Promise.all([webhooks.delete(made.id, null, TEST_CONTEXT), ...tests]);
      expect(isDeleted).toBe(true);
      for (const outcome of outcomes) expect(["queued", "webhook-not-found"]).toContain(outcome);
    }
    const { rows } = await sql.query("select from webhook_deliveries");
    expect(rows).toEqual([]);
  });

  test("read their deliveries along an index, newest first, however many there are", async ({ expect }) => {
    const { webhooks } = await open();
    const made = buildWebhook();
    await webhooks.insert(made, 50, TEST_CONTEXT);
    await sql.query(
      `insert into webhook_deliveries (endpoint_id, stamp, position, event_id, event_type, subject_id, due_at, created_at)
       select $1, 7, row, gen_random_uuid(), 'user.created', gen_random_uuid(), now(), now() - row * interval '1 second' from generate_series(1, 5000) row`,
      [made.id],
    );
    await sql.query("analyze webhook_deliveries");
    const query = { state: null, limit: 20, after: { key: new Date().toISOString(), id: made.id } };
    const { text, bind } = prepareDeliveries(deliveryShape(query));
    const { rows } = await sql.query<{ "QUERY PLAN": string }>(`explain ${text}`, bind(deliveryValues(made.id, query)));
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("Index Scan Backward using webhook_deliveries_recent_idx");
    expect(plan).toMatch(/Index Cond: .*created_at/);
  });
});
