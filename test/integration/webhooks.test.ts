import { randomBytes } from "node:crypto";

import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { HOSTILE_URLS } from "../support/hostile-urls.ts";
import { readProblem } from "../support/http-messages.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { WEBHOOKS } from "../support/webhook-endpoints.ts";

const API_KEY = randomBytes(24).toString("hex");
const TARGET = "https://hooks.example.com/users";

let stack: Stack;

beforeAll(async () => {
  // As it is deployed: in development this machine may be an endpoint.
  stack = await startStack({ env: "staging", vars: { API_KEY } });
});

afterEach(() => stack.gateway.clearFaults());

afterAll(async () => {
  await stack?.stop();
});

const headers = { "X-API-Key": API_KEY };
const request = (path: string, init: RequestInit = {}) =>
  stack.request(path, { ...init, headers: { ...headers, ...Object.fromEntries(new Headers(init.headers)) } });
const sendJson = (path: string, body: unknown, method = "POST") => stack.sendJson(path, body, { method, headers });

interface Endpoint {
  readonly id: string;
  readonly secret: string;
}

async function create(body: object = {}): Promise<Endpoint> {
  const response = await sendJson(WEBHOOKS, { url: TARGET, ...body });
  return JSON.parse(await response.text()) as Endpoint;
}

describe("Webhook endpoints, through Neon's protocol into PostgreSQL", () => {
  test("each operation is one round trip", async ({ expect }) => {
    const { id } = await create();
    const path = `${WEBHOOKS}/${id}`;
    const trips: Record<string, number> = {};
    const count = async (name: string, status: number, work: () => Promise<Response>) => {
      const before = stack.gateway.stats.requests;
      expect((await work()).status, name).toBe(status);
      trips[name] = stack.gateway.stats.requests - before;
    };
    await count("create", 201, () => sendJson(WEBHOOKS, { url: TARGET }));
    await count("list", 200, () => request(WEBHOOKS));
    await count("get", 200, () => request(path));
    await count("update", 200, () =>
      sendJson(path, { description: "x", status: "disabled", event_types: [] }, "PATCH"),
    );
    await count("empty update", 200, () => sendJson(path, {}, "PATCH"));
    await count("rotate", 200, () => request(`${path}/rotate`, { method: "POST" }));
    await count("test, disabled", 409, () => request(`${path}/test`, { method: "POST" }));
    await count("enable", 200, () => sendJson(path, { status: "enabled" }, "PATCH"));
    await count("test", 202, () => request(`${path}/test`, { method: "POST" }));
    await count("deliveries", 200, () => request(`${path}/deliveries?state=pending&limit=1`));
    await count("delete", 204, () => request(path, { method: "DELETE" }));
    expect(new Set(Object.values(trips))).toEqual(new Set([1]));
  });

  test("what is created is stored, and read as it was answered", async ({ expect }) => {
    const note = 'Zoë\'s "list", {a,b} \\ 名簿 🪝';
    const created = await create({ description: note, event_types: ["user.deleted", "user.created"] });
    const { rows } = await stack.sql.query("select * from webhook_endpoints where id = $1", [created.id]);
    expect(rows).toEqual([
      expect.objectContaining({
        url: TARGET,
        description: note,
        event_types: ["user.created", "user.deleted"],
        secret: created.secret,
        created_by: "api-key",
        version: 1,
      }),
    ]);
    const { secret: _secret, ...shown } = created;
    expect(await (await request(`${WEBHOOKS}/${created.id}`)).json()).toEqual(shown);
  });

  test("a rotation leaves both secrets for the sender, and the new one for nobody but its caller", async ({
    expect,
  }) => {
    const { id, secret } = await create();
    const rotated = (await (await request(`${WEBHOOKS}/${id}/rotate`, { method: "POST" })).json()) as Endpoint;
    const { rows } = await stack.sql.query(
      `select secret, previous_secret, previous_secret_until > now() + interval '23 hours' as is_long,
         previous_secret_until < now() + interval '25 hours' as is_short from webhook_endpoints where id = $1`,
      [id],
    );
    expect(rows).toEqual([{ secret: rotated.secret, previous_secret: secret, is_long: true, is_short: true }]);
  });

  test("a test is what the events Worker looks for: pending, due, in a lane of its own", async ({ expect }) => {
    const { id } = await create();
    const response = await request(`${WEBHOOKS}/${id}/test`, { method: "POST" });
    const { event_id: eventId } = (await response.json()) as { readonly event_id: string };
    const { rows } = await stack.sql.query(
      `select event_id, subject_id, event_type, state, stamp, position, attempts, claimed_until, due_at <= now() + interval '5 seconds' as is_due
       from webhook_deliveries where endpoint_id = $1`,
      [id],
    );
    const place = { stamp: "0", position: "0", attempts: 0, claimed_until: null, is_due: true };
    expect(rows).toEqual([
      { event_id: eventId, subject_id: eventId, event_type: "webhook.test", state: "pending", ...place },
    ]);
  });

  test("of many writers with one tag, one wins", async ({ expect }) => {
    const { id } = await create();
    const path = `${WEBHOOKS}/${id}`;
    const change = (index: number) =>
      stack.sendJson(
        path,
        { description: `writer ${index}` },
        { method: "PATCH", headers: { ...headers, "If-Match": `"${id}.1"` } },
      );
    const statuses = (await Promise.all(Array.from({ length: 10 }, (_, index) => change(index)))).map(
      ({ status }) => status,
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
  });

  test("a rotation whose answer is lost is not carried out twice by being sent again", async ({ expect }) => {
    const { id, secret } = await create();
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    const response = await request(`${WEBHOOKS}/${id}/rotate`, { method: "POST" });
    expect(response.status).toBe(200);
    const rotated = (await response.json()) as Endpoint;
    const { rows } = await stack.sql.query("select secret, previous_secret from webhook_endpoints where id = $1", [id]);
    expect(rows).toEqual([{ secret: rotated.secret, previous_secret: secret }]);
  });

  test("a creation whose answer is lost is sent again, and makes one endpoint", async ({ expect }) => {
    const url = `https://once.example.com/${randomBytes(4).toString("hex")}`;
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    expect((await sendJson(WEBHOOKS, { url })).status).toBe(201);
    const { rows } = await stack.sql.query("select from webhook_endpoints where url = $1", [url]);
    expect(rows).toHaveLength(1);
  });
});

test("Hostile URLs are refused, none is stored, and the database is not even asked", async ({ expect }) => {
  const { id } = await create();
  const before = stack.gateway.stats.requests;
  const outcomes: string[] = [];
  for (const [url] of HOSTILE_URLS) {
    for (const response of [await sendJson(WEBHOOKS, { url }), await sendJson(`${WEBHOOKS}/${id}`, { url }, "PATCH")])
      outcomes.push((await readProblem(response)).code);
  }
  expect(outcomes).toHaveLength(2 * HOSTILE_URLS.length);
  expect(new Set(outcomes)).toEqual(new Set(["webhook-url-refused"]));
  expect(stack.gateway.stats.requests).toBe(before);
  const { rows } = await stack.sql.query(
    "select url from webhook_endpoints where url not like 'https://%.example.com/%'",
  );
  expect(rows).toEqual([]);
});
