import { describe, test } from "vitest";

import type { WebhookPatch } from "../../../client/src/index.ts";
import { fakeService, problemAnswer, refuseConnection, type Reply } from "./fake-service.ts";

const ID = "01932f30-4b1e-7a55-8d2c-5e9f0a1b2c3d";
const WEBHOOK = {
  id: ID,
  url: "https://hooks.example.com/users",
  description: null,
  event_types: ["user.created", "user.deleted"],
  status: "enabled",
  disabled_reason: null,
  previous_secret_expires_at: null,
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.000Z",
};
const SECRET = "whsec_YW4gZXhhbXBsZSBhbmQgbm9ib2R5J3Mgc2VjcmV0ISE=";
const tagged =
  (webhook: object = WEBHOOK): Reply =>
  () =>
    Response.json(webhook, { headers: { ETag: '"1"' } });
const withSecret: Reply = () => Response.json({ ...WEBHOOK, secret: SECRET }, { status: 201 });
const stale: Reply = () => problemAnswer(412, "precondition-failed");
const down: Reply = () => problemAnswer(503, "database-unavailable");

describe("The calls about webhook endpoints", () => {
  test("are sent as the contract has them", async ({ expect }) => {
    const { client, sent } = fakeService([
      withSecret,
      () => Response.json({ data: [WEBHOOK] }),
      tagged(),
      tagged(),
      () => new Response(null, { status: 204 }),
      withSecret,
      () => Response.json({ event_id: ID }, { status: 202 }),
      () => Response.json({ data: [], next_cursor: null }),
    ]);
    const { webhooks } = client;
    expect((await webhooks.create({ url: WEBHOOK.url })).secret).toBe(SECRET);
    expect(await webhooks.list()).toEqual([WEBHOOK]);
    expect(await webhooks.get(ID)).toEqual({ webhook: WEBHOOK, etag: '"1"' });
    expect(await webhooks.update(ID, { status: "disabled" }, { ifMatch: '"1"' })).toMatchObject({ etag: '"1"' });
    await webhooks.delete(ID);
    expect((await webhooks.rotateSecret(ID)).secret).toBe(SECRET);
    await webhooks.sendTest(ID);
    await webhooks.listDeliveries(ID, { state: "dead", limit: 5 });
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/v1/webhooks", { url: WEBHOOK.url }],
      ["GET", "/api/v1/webhooks", null],
      ["GET", `/api/v1/webhooks/${ID}`, null],
      ["PATCH", `/api/v1/webhooks/${ID}`, { status: "disabled" }],
      ["DELETE", `/api/v1/webhooks/${ID}`, null],
      ["POST", `/api/v1/webhooks/${ID}/rotate`, null],
      ["POST", `/api/v1/webhooks/${ID}/test`, null],
      ["GET", `/api/v1/webhooks/${ID}/deliveries?state=dead&limit=5`, null],
    ]);
    expect(sent[3]?.headers.get("If-Match")).toBe('"1"');
    expect(sent[3]?.headers.get("Content-Type")).toBe("application/merge-patch+json");
  });

  test("walk all deliveries, with the same query on every page", async ({ expect }) => {
    const page = (index: number): Reply => {
      const data = [{ event_id: `${index}a` }, { event_id: `${index}b` }];
      return () => Response.json({ data, next_cursor: index === 2 ? null : `cursor${index}` });
    };
    const { client, sent } = fakeService([page(0), page(1), page(2)]);
    const seen: string[] = [];
    for await (const { event_id: id } of client.webhooks.deliveries(ID, { state: "pending" })) seen.push(id);
    expect(seen).toEqual(["0a", "0b", "1a", "1b", "2a", "2b"]);
    expect(sent.map(({ path }) => path.split("?")[1])).toEqual([
      "state=pending",
      "state=pending&cursor=cursor0",
      "state=pending&cursor=cursor1",
    ]);
  });

  test.for(["", ".", ".."])("do not take %j for an id, which would lead elsewhere", async (id, { expect }) => {
    const { client, sent } = fakeService([tagged()]);
    const { get, delete: remove, rotateSecret, sendTest, listDeliveries } = client.webhooks;
    for (const call of [get, remove, rotateSecret, sendTest, listDeliveries]) {
      await expect(call(id)).rejects.toThrow(TypeError);
    }
    expect(sent).toHaveLength(0);
  });

  test("that make a secret or a test are sent once, whatever happens; others are repeated", async ({ expect }) => {
    const { client, sent } = fakeService([down]);
    const { create, rotateSecret, sendTest, list, delete: remove } = client.webhooks;
    for (const call of [() => create({ url: WEBHOOK.url }), () => rotateSecret(ID), () => sendTest(ID)]) {
      const before = sent.length;
      await expect(call()).rejects.toMatchObject({ code: "database-unavailable" });
      expect(sent.length - before).toBe(1);
    }
    for (const call of [() => list(), () => remove(ID)]) {
      const before = sent.length;
      await expect(call()).rejects.toMatchObject({ code: "database-unavailable" });
      expect(sent.length - before).toBe(4);
    }
  });
});

describe("A change under ifMatch whose answer was lost", () => {
  test.for<[WebhookPatch, boolean]>([
    [{ url: "HTTPS://hooks.example.com:443/users" }, true],
    [{ event_types: ["user.deleted", "user.created", "user.deleted"] }, true],
    [{ description: null, status: "enabled" }, true],
    [{ url: "https://other.example.com/" }, false],
    [{ event_types: ["user.created"] }, false],
    [{ event_types: [] }, false],
    [{ status: "disabled" }, false],
    [{ description: "mine" }, false],
  ])("to %j is reported as done when the endpoint has it: %s", async ([patch, isDone], { expect }) => {
    const { client } = fakeService([refuseConnection, stale, tagged()]);
    const change = client.webhooks.update(ID, patch, { ifMatch: '"0"' });
    if (isDone) expect(await change).toEqual({ webhook: WEBHOOK, etag: '"1"' });
    else await expect(change).rejects.toMatchObject({ code: "precondition-failed" });
  });

  test("is reported as it is when it was sent once", async ({ expect }) => {
    const { client, sent } = fakeService([stale]);
    await expect(client.webhooks.update(ID, { description: null }, { ifMatch: '"0"' })).rejects.toMatchObject({
      code: "precondition-failed",
    });
    expect(sent).toHaveLength(1);
  });

  test("to nothing is done when the endpoint is gone", async ({ expect }) => {
    const gone: Reply = () => problemAnswer(404, "webhook-not-found");
    const { client } = fakeService([refuseConnection, stale, gone]);
    await client.webhooks.delete(ID, { ifMatch: '"1"' });
    const { client: other } = fakeService([refuseConnection, stale, tagged()]);
    await expect(other.webhooks.delete(ID, { ifMatch: '"1"' })).rejects.toMatchObject({ code: "precondition-failed" });
  });
});
