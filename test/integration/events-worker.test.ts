import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";

import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test, vi } from "vitest";

import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import { EVENTS_DISPATCHER, EVENTS_NAME, eventsWorker } from "../../tools/events/events-worker.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { startStack, type Stack } from "../support/stack.ts";
import {
  addEndpoint,
  addTestDelivery,
  addUser,
  changeUser,
  createSecret,
  readDeliveries,
} from "../support/webhooks.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let stack: Stack;
let server: Server;
let url: string;
let received: Received[];
/** How the receiver answers. */
let status: number;
let answerHeaders: Record<string, string>;

/** Two Workers are built, and a server is made. */
const BUILDS_MS = 300_000;

/** The whole of it: the API, the events Worker with its queues in the real runtime, PostgreSQL, and a receiver on this machine. */
beforeAll(async () => {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(status, answerHeaders).end();
  };
  server = createServer((request, response) => void take(request, response));
  url = `http://127.0.0.1:${await listen(server, { port: 0 })}/hook`;
  const vars: Record<string, string> = {
    WEBHOOKS_ALLOW_LOOPBACK: "true",
    WEBHOOKS_RETRY_BASE_MS: "50",
    LOG_LEVEL: "debug",
  };
  const module = await buildCompanion(ROOT, "events");
  stack = await startStack({
    ownsPostgres: true,
    companions: (database) => ({
      workers: [eventsWorker({ module, vars: { ...vars, ...database } })],
      services: { EVENTS: EVENTS_DISPATCHER },
    }),
  });
}, BUILDS_MS);

afterAll(async () => {
  await stack?.stop();
  await closeServer(server);
});

beforeEach(() => {
  [received, status, answerHeaders] = [[], 200, {}];
});

afterEach(async () => void (await stack.sql.query("truncate webhook_endpoints cascade")));

const createUser = () =>
  stack.sendJson("/api/v1/users", {
    username: `u${Math.random().toString(36).slice(2, 12)}`,
    email: `${Math.random().toString(36).slice(2, 12)}@example.com`,
    full_name: "Ada",
  });

/** Repeats a look until it holds; more than a retry of the queue takes. */
const inTime = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 30_000, interval: 50 });

const typesOf = () => received.map(({ body }): unknown => JSON.parse(body).type);

describe("a change by the API", () => {
  test("is sent right away, signed, as the feed has it", async ({ expect }) => {
    const secret = createSecret();
    await addEndpoint(stack.sql, { url, secret });
    const user: unknown = await (await createUser()).json();
    await inTime(() => expect(received).toHaveLength(1));
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const event = new Webhook(secret).verify(body, {
      "webhook-id": String(headers["webhook-id"]),
      "webhook-timestamp": String(headers["webhook-timestamp"]),
      "webhook-signature": String(headers["webhook-signature"]),
    });
    expect(event).toMatchObject({ id: headers["webhook-id"], type: "user.created", user_version: 1, user });
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(headers["user-agent"]).toBe("users-api-webhooks/1");
    const { data } = (await (await stack.request("/api/v1/users/events?limit=100")).json()) as { data: unknown[] };
    expect(data).toContainEqual(event);
  });

  test("that fails to arrive is sent again, before what came later", async ({ expect }) => {
    const endpoint = await addEndpoint(stack.sql, { url });
    status = 503;
    const id = await addUser(stack.sql);
    await changeUser(stack.sql, id, 2);
    await createUser();
    await inTime(() => expect(received.length).toBeGreaterThanOrEqual(3));
    status = 200;
    await inTime(async () => {
      const rows = await readDeliveries(stack.sql, endpoint);
      expect(rows.map(({ state }) => state)).toEqual(Array(4).fill("delivered"));
    });
    const versions = received
      .map(({ body }): { readonly user_id: string; readonly user_version: number } => JSON.parse(body))
      .filter((event) => event.user_id === id)
      .map(({ user_version: version }) => version);
    expect(versions).toEqual(versions.toSorted((left, right) => left - right));
    expect(new Set(versions).size).toBe(3);
  });
});

test("a test event is sent by the cron trigger as well, for which nobody has to nudge", async ({ expect }) => {
  const endpoint = await addEndpoint(stack.sql, { url });
  const eventId = await addTestDelivery(stack.sql, endpoint);
  expect(await stack.runCron("* * * * *", EVENTS_NAME)).toBe("ok");
  await inTime(() => expect(typesOf()).toEqual(["webhook.test"]));
  expect(received[0]?.headers["webhook-id"]).toBe(eventId);
});

test("an endpoint that answers 410 is disabled, and gets nothing more", async ({ expect }) => {
  await addEndpoint(stack.sql, { url });
  status = 410;
  await createUser();
  await inTime(async () => {
    const { rows } = await stack.sql.query("select status, disabled_reason from webhook_endpoints");
    expect(rows).toEqual([{ status: "disabled", disabled_reason: "gone" }]);
  });
  await createUser();
  await stack.runCron("* * * * *", EVENTS_NAME);
  expect(received).toHaveLength(1);
});

test("a redirect is a failure: nothing is sent where it leads", async ({ expect }) => {
  const endpoint = await addEndpoint(stack.sql, { url });
  [status, answerHeaders] = [302, { Location: `${url}/elsewhere` }];
  await createUser();
  await inTime(async () =>
    expect(await readDeliveries(stack.sql, endpoint)).toMatchObject([{ lastStatus: 302, lastError: "redirected" }]),
  );
  expect(received.map(({ headers }) => headers.host)).toEqual(Array(received.length).fill(new URL(url).host));
  expect(stack.events().filter(({ event }) => event === "webhook_failed")).not.toEqual([]);
});

test("a receiver that asks for an hour is left alone for an hour, and a little more", async ({ expect }) => {
  const endpoint = await addEndpoint(stack.sql, { url });
  [status, answerHeaders] = [429, { "Retry-After": "3600" }];
  await createUser();
  await inTime(async () =>
    expect(await readDeliveries(stack.sql, endpoint)).toMatchObject([{ attempts: 1, lastStatus: 429 }]),
  );
  const { rows } = await stack.sql.query(
    "select extract(epoch from due_at - last_attempt_at)::float as seconds from webhook_deliveries",
  );
  expect(rows[0].seconds).toBeGreaterThanOrEqual(3_600);
  expect(rows[0].seconds).toBeLessThanOrEqual(4_320);
  await stack.runCron("* * * * *", EVENTS_NAME);
  expect(received).toHaveLength(1);
});

test("URLs that lead into private networks are refused when it comes to sending, and none is fetched", async ({
  expect,
}) => {
  const { port } = new URL(url);
  const addresses = [
    "10.0.0.1",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
    "0.0.0.0",
    "[::]",
    "192.168.0.1",
    "[fd00::1]",
  ];
  const names = ["metadata.google.internal", "printer.local", "intranet"];
  const hostile = [...addresses, ...names].flatMap((host) => [`http://${host}:${port}/hook`, `https://${host}/hook`]);
  for (const target of hostile) await addEndpoint(stack.sql, { url: target });
  await createUser();
  await inTime(async () => {
    const { rows } = await stack.sql.query(
      "select distinct last_error, count(*)::integer from webhook_deliveries group by last_error",
    );
    expect(rows).toEqual([{ last_error: "address-refused", count: hostile.length }]);
  });
  expect(received).toEqual([]);
});

test("the sweep runs by its own schedule", async ({ expect }) => {
  const endpoint = await addEndpoint(stack.sql, { url });
  await addTestDelivery(stack.sql, endpoint);
  await stack.runCron("* * * * *", EVENTS_NAME);
  await inTime(() => expect(received).toHaveLength(1));
  await inTime(async () => expect(await readDeliveries(stack.sql, endpoint)).toMatchObject([{ state: "delivered" }]));
  await stack.sql.query("update webhook_deliveries set created_at = now() - interval '31 days'");
  await stack.runCron("23 * * * *", EVENTS_NAME);
  await inTime(async () => expect(await readDeliveries(stack.sql, endpoint)).toEqual([]));
  expect(stack.events()).toContainEqual(expect.objectContaining({ event: "webhooks_swept", removed_deliveries: 1 }));
});
