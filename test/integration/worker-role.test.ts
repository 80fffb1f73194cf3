import { readFile } from "node:fs/promises";
import path from "node:path";

import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { inspectWorkerRole } from "../../ops/database/inspect.ts";
import { grantWorkerRights, noteHandOver, setWorkerPassword, workerUrl } from "../../ops/database/worker-role.ts";
import { createDatabaseClient } from "../../src/db/client.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import type { UserRepository } from "../../src/models/user.ts";
import { createPostgresDatabaseProbe } from "../../src/repositories/postgres-database-probe.ts";
import { createPostgresIdempotencyKeyRepository } from "../../src/repositories/postgres-idempotency-key-repository.ts";
import { createPostgresUserRepository } from "../../src/repositories/postgres-user-repository.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { type Gateway, startGateway } from "../../tools/dev/gateway/index.ts";
import { type PostgresServer, startEmbeddedPostgres } from "../../tools/postgres/index.ts";
import { TEST_CONTEXT } from "../support/call-context.ts";
import { describeKeyedInsert } from "../support/idempotency-contract.ts";
import { describeUserList } from "../support/user-list-contract.ts";
import { describeUserRepository } from "../support/user-repository-contract.ts";
import { addEndpoint, addTestDelivery, addUser, changeUser, openDeliveries, readLanes } from "../support/webhooks.ts";

const PASSWORD = 'it\'s a "password" with \\ and $1';

let postgres: PostgresServer;
let gateway: Gateway;
let owner: pg.Client;
let worker: pg.Client;

/** An owner with what Neon's API gives one, and no more: roles are of the whole server, hence one of our own. */
async function createOwner(): Promise<string> {
  const url = new URL(await postgres.createDatabase("users"));
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query("create role users_owner login createrole createdb bypassrls password 'owner'");
  await admin.query("alter database users owner to users_owner");
  await admin.query("create schema secrets create table plans (text text)");
  await admin.end();
  url.username = "users_owner";
  url.password = "owner";
  return url.href;
}

beforeAll(async () => {
  postgres = await startEmbeddedPostgres();
  const ownerUrl = await createOwner();
  await migrate({ postgresUrl: ownerUrl, log: () => {} });
  owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await grantWorkerRights(owner);
  await setWorkerPassword(owner, PASSWORD);
  const postgresUrl = workerUrl(ownerUrl, PASSWORD);
  gateway = await startGateway({ postgresUrl });
  worker = new pg.Client({ connectionString: postgresUrl });
  await worker.connect();
});

afterAll(async () => {
  await worker?.end();
  await owner?.end();
  await gateway?.close();
  await postgres?.close();
});

const queries = () =>
  createQueryRunner({
    send: createDatabaseClient({ databaseUrl: gateway.connectionString, fetchEndpoint: gateway.url }),
    clock: Date.now,
    gate: OPEN_GATE,
    retries: null,
  });

async function open(): Promise<UserRepository> {
  await owner.query("truncate users, idempotency_keys");
  return createPostgresUserRepository({ queries: queries() });
}

const NAME = "PostgreSQL as the Worker's role";
describeUserRepository(NAME, open);
describeUserList(NAME, open);
describeKeyedInsert(NAME, open);

test("the Worker's role can do what probes and the sweep need", async ({ expect }) => {
  const probe = createPostgresDatabaseProbe({ queries: queries() });
  expect(await probe.hasMigration("0001_create_users", TEST_CONTEXT)).toBe(true);
  const keys = createPostgresIdempotencyKeyRepository({ queries: queries() });
  await expect(keys.deleteExpired(new Date(), TEST_CONTEXT)).resolves.not.toThrow();
});

test("a test event that the Worker's role asks for is due, though the role has no right to lanes", async ({
  expect,
}) => {
  const endpoint = await addEndpoint(owner);
  const subjectId = await addTestDelivery(worker, endpoint);
  expect(await readLanes(owner)).toEqual([{ subjectId, isEmpty: false, isDue: true }]);
  await owner.query("truncate webhook_endpoints cascade");
});

describe("the Worker's role cannot", () => {
  test.for([
    ["make a table", "create table mine (id int)"],
    ["make a temporary table", "create temporary table mine (id int)"],
    ["make a function", "create function mine() returns int language sql return 1"],
    ["make a schema", "create schema mine"],
    ["make a role", "create role mine"],
    ["make a database", "create database mine"],
    ["change a table", "alter table users add column mine int"],
    ["drop a table", "drop table users"],
    ["empty a table at once", "truncate users"],
    ["make an index", "create index mine on users (email)"],
    ["claim a migration", "insert into schema_migrations (name, hash) values ('x', 'x')"],
    ["forget a migration", "delete from schema_migrations"],
    [
      "forge an event",
      "insert into user_events (stamp, event_id, type, user_id, user_version, occurred_at) values (1, gen_random_uuid(), 'user.deleted', gen_random_uuid(), 1, now())",
    ],
    ["change an event", "update user_events set type = 'user.updated'"],
    ["remove an event", "delete from user_events"],
    ["change what became of a delivery", "update webhook_deliveries set state = 'delivered'"],
    ["forget a delivery", "delete from webhook_deliveries"],
    ["change when a lane is looked at", "update webhook_lanes set next_at = null"],
    ["add a lane", "insert into webhook_lanes (endpoint_id, subject_id) values (gen_random_uuid(), gen_random_uuid())"],
    ["change how far events were dispatched", "update webhook_dispatch set stamp = 0"],
    ["change the order of events", "select restart_user_event_stamps()"],
    ["read another schema", "select * from secrets.plans"],
    ["read passwords", "select * from pg_authid"],
    ["read files", "select pg_read_file('postgresql.conf')"],
    ["become the owner", "set role users_owner"],
    ["read a server's program", "copy users to program 'cat'"],
  ] as const)("%s", async ([, statement], { expect }) => {
    await expect(worker.query(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("the events Worker's role", () => {
  let events: pg.Client;

  beforeAll(async () => {
    await owner.query("alter role users_events login password 'events'");
    const url = new URL(postgres.url);
    [url.username, url.password, url.pathname] = ["users_events", "events", "/users"];
    events = new pg.Client({ connectionString: url.href });
    await events.connect();
  });

  afterAll(async () => await events?.end());

  test("can do all that its statements do", async ({ expect }) => {
    const endpointId = await addEndpoint(owner);
    const user = await addUser(owner);
    await changeUser(owner, user);
    const pool = { query: events.query.bind(events) } as unknown as pg.Pool;
    const deliveries = openDeliveries(pool);
    await deliveries.fanOut(10_000);
    await deliveries.queueDue({ perEndpoint: 1_000, out: 1_000, failures: 10, leaseMs: 1 });
    const work = await deliveries.take({ endpointId, subjectId: user }, 60_000);
    if (work === null) throw new Error("there is nothing to do");
    const blame = { isEndpointsFault: true, isGone: false, disableAfterMs: 1, leaseMs: 1 };
    await deliveries.fail(work, { status: 500, error: "http-status" }, { delayMs: 0, ...blame });
    const again = await deliveries.take({ endpointId, subjectId: user }, 60_000);
    if (again === null) throw new Error("there is nothing to do");
    await deliveries.succeed(again, 200, { isWanted: true, leaseMs: 1 });
    await expect(deliveries.sweep(0)).resolves.toBeGreaterThanOrEqual(0);
    await owner.query("truncate webhook_endpoints cascade");
  });

  test.for([
    ["read users", "select * from users"],
    ["write users", "delete from users"],
    ["read idempotency keys", "select * from idempotency_keys"],
    ["forge an event", "delete from user_events"],
    ["add an endpoint", "insert into webhook_endpoints default values"],
    ["change where an endpoint leads", "update webhook_endpoints set url = 'https://example.org/'"],
    ["change a secret", "update webhook_endpoints set secret = 'x'"],
    ["remove an endpoint", "delete from webhook_endpoints"],
    ["add a lane", "insert into webhook_lanes (endpoint_id, subject_id) values (gen_random_uuid(), gen_random_uuid())"],
    ["read the ledger", "select * from schema_migrations"],
    ["make a table", "create table mine (id int)"],
  ] as const)("cannot %s", async ([, statement], { expect }) => {
    await expect(events.query(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("worker-role.sql", () => {
  test("leaves nothing to mend, and says so as often as it runs", async ({ expect }) => {
    await grantWorkerRights(owner);
    expect(await inspectWorkerRole(owner)).toEqual({
      exists: true,
      hasLogin: true,
      isHandedOver: false,
      deviations: [],
      excess: [],
    });
    await worker.query("select 1 from users limit 1");
  });

  test("reaches tables of migrations to come", async ({ expect }) => {
    await owner.query("create table later (id int generated always as identity, text text)");
    const { rows } = await worker.query("insert into later (text) values ('x') returning id");
    expect(rows).toHaveLength(1);
    await owner.query("drop table later");
  });

  test.for([
    ["grant select on secrets.plans to users_api", null],
    ["revoke update on users from users_worker", "lacks UPDATE on users"],
    ["grant truncate on users to users_api", "has TRUNCATE on users"],
    ["grant insert on schema_migrations to users_worker", "has INSERT on schema_migrations"],
    ["grant create on schema public to public", "has CREATE on schema public"],
    ["grant temporary on database users to public", "has TEMPORARY on database users"],
    [
      "alter default privileges in schema public revoke all on tables from users_worker",
      "lacks a right on new tables of users_owner",
    ],
  ] as const)("mends: %s", async ([statement, deviation], { expect }) => {
    if (deviation === null) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: "42501" });
      return;
    }
    await owner.query(statement);
    expect((await inspectWorkerRole(owner)).deviations).toContain(deviation);
    await grantWorkerRights(owner);
    expect((await inspectWorkerRole(owner)).deviations).toEqual([]);
  });

  test("an administrator under the Worker's name is seen", async ({ expect }) => {
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    await admin.query("alter role users_api createrole; grant pg_read_all_data to users_api");
    expect((await inspectWorkerRole(owner)).excess).toEqual(["createrole", "member of pg_read_all_data"]);
    await admin.query("alter role users_api nocreaterole; revoke pg_read_all_data from users_api");
    await admin.end();
  });

  test("that a password was handed over is noted, until there is another one", async ({ expect }) => {
    await noteHandOver(owner);
    expect(await inspectWorkerRole(owner)).toMatchObject({ isHandedOver: true });
    await setWorkerPassword(owner, PASSWORD);
    expect(await inspectWorkerRole(owner)).toMatchObject({ isHandedOver: false });
  });

  test("is what the runbook names", async ({ expect }) => {
    const runbook = await readFile(path.resolve(import.meta.dirname, "../../docs/operations.md"), "utf8");
    expect(runbook).toContain("ops/sql/worker-role.sql");
  });
});
