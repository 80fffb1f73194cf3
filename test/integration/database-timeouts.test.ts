import { randomBytes } from "node:crypto";

import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import type { Gateway } from "../../tools/dev/gateway/index.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

// As on Neon: one role owns the database and migrates it, and is no superuser; the Worker has another one.
const OWNER = `owner_${randomBytes(4).toString("hex")}`;
const WORKER = `worker_${randomBytes(4).toString("hex")}`;

let postgres: PostgresServer;
let superuser: pg.Client;
let ownerUrl: string;
let database: string;
let gateways: Gateway[] = [];
let worker: GatewayClient;

beforeAll(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase();
  database = pg.escapeIdentifier(new URL(url).pathname.slice(1));
  superuser = new pg.Client({ connectionString: url });
  await superuser.connect();
  await superuser.query(`CREATE ROLE ${OWNER} LOGIN PASSWORD 'owner'; CREATE ROLE ${WORKER} LOGIN PASSWORD 'worker'`);
  await superuser.query(`ALTER DATABASE ${database} OWNER TO ${OWNER}`);
  ownerUrl = urlOf(url, OWNER, "owner");
  await migrate({ postgresUrl: ownerUrl, log: () => {} });
  worker = await openGateway({ postgresUrl: urlOf(url, WORKER, "worker") });
  gateways = [worker.gateway];
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await superuser?.query(`ALTER DATABASE ${database} OWNER TO CURRENT_USER`);
  await superuser?.query(`DROP OWNED BY ${OWNER}, ${WORKER} CASCADE; DROP ROLE ${OWNER}, ${WORKER}`);
  await superuser?.end();
  await postgres?.close();
});

function urlOf(url: string, user: string, password: string): string {
  const parsed = new URL(url);
  Object.assign(parsed, { username: user, password });
  return parsed.href;
}

const SETTINGS = `SELECT name, current_setting(name) AS value, source FROM pg_settings
  WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`;

const IN_FORCE = [
  { name: "idle_in_transaction_session_timeout", value: "30s", source: "database" },
  { name: "lock_timeout", value: "10s", source: "database" },
  { name: "statement_timeout", value: "30s", source: "database" },
];

describe("the time limits of the database", () => {
  test("hold for the Worker's role behind the gateway, which was never named", async ({ expect }) => {
    expect(await worker.sql.query(SETTINGS)).toEqual(IN_FORCE);
  });

  test("can be set again with the same result", async ({ expect }) => {
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query("DELETE FROM schema_migrations WHERE name = '0003_database_timeouts'");
    await owner.end();
    expect(await migrate({ postgresUrl: ownerUrl, log: () => {} })).toMatchObject({
      applied: ["0003_database_timeouts"],
    });
    expect(await worker.sql.query(SETTINGS)).toEqual(IN_FORCE);
  });

  test("are of this database alone", async ({ expect }) => {
    const { rows } = await superuser.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM pg_db_role_setting
       WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0`,
    );
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe("a statement that nobody ends", () => {
  test("is ended by the database, at the limit that it has", async ({ expect }) => {
    // The same limit by the same way, in a time that a test can wait.
    await superuser.query(`ALTER DATABASE ${database} SET statement_timeout = '200ms'`);
    try {
      const { gateway, post } = await openGateway({ postgresUrl: urlOf(ownerUrl, WORKER, "worker") });
      gateways.push(gateway);
      const answer = await post({ query: "SELECT pg_sleep(60)", params: [] });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        code: "57014",
        message: expect.stringContaining("statement timeout"),
      });
    } finally {
      await superuser.query(`ALTER DATABASE ${database} SET statement_timeout = '30s'`);
    }
  });

  test("and one that waits for a lock gives up while its caller is there", async ({ expect }) => {
    await superuser.query(`GRANT ALL ON users TO ${WORKER}`);
    await superuser.query("BEGIN; LOCK TABLE users");
    const failure = await failureOf(worker.sql.query("DELETE FROM users"));
    await superuser.query("COMMIT");
    expect(failure.code).toBe("55P03");
  });
});
