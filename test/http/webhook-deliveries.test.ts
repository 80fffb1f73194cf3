import { describe, test } from "vitest";

import { webhookDeliveryPageSchema, webhookDeliverySchema } from "../../src/http/webhooks/delivery-schemas.ts";
import { createFakeWebhookRepository } from "../support/fake-webhook-repository.ts";
import { readJson, readProblem, send } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";
import { buildDelivery, buildWebhook, WEBHOOKS } from "../support/webhook-endpoints.ts";

const NOW = new Date("2026-05-01T08:30:00.250Z");
const at = (second: number) => new Date(Date.UTC(2026, 2, 2, 12, 0, second));

function open() {
  const [webhook, other] = [buildWebhook(), buildWebhook()];
  const webhooks = createFakeWebhookRepository([webhook, other]);
  const app = createTestApp({ webhooks, now: () => NOW });
  const path = `${WEBHOOKS}/${webhook.id}`;
  const read = async (query = "") => {
    const response = await app.request(`${path}/deliveries?${query}`);
    return { response, page: webhookDeliveryPageSchema.parse(await readJson(response)) };
  };
  return { ...app, webhooks, webhook, path, read, otherPath: `${WEBHOOKS}/${other.id}` };
}

describe("the deliveries of an endpoint", () => {
  test("say what became of each event", async ({ expect }) => {
    const { webhooks, webhook, read } = open();
    const pending = buildDelivery({
      createdAt: at(3),
      dueAt: at(4),
      attempts: 1,
      lastError: "timed-out",
      lastAttemptAt: at(3),
    });
    const delivered = buildDelivery({
      createdAt: at(2),
      state: "delivered",
      dueAt: null,
      attempts: 1,
      lastStatus: 204,
      deliveredAt: at(2),
      lastAttemptAt: at(2),
    });
    const dead = buildDelivery({
      createdAt: at(1),
      state: "dead",
      dueAt: null,
      attempts: 9,
      lastStatus: 500,
      lastError: "http-status",
    });
    for (const delivery of [dead, delivered, pending]) webhooks.addDelivery(webhook.id, delivery);
    const { page, response } = await read();
    expect(page.next_cursor).toBeNull();
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(page.data).toEqual([
      {
        event_id: pending.eventId,
        event_type: "user.created",
        user_id: pending.subjectId,
        state: "pending",
        attempts: 1,
        next_attempt_at: at(4).toISOString(),
        last_attempt_at: at(3).toISOString(),
        last_status: null,
        last_error: "timed-out",
        delivered_at: null,
        created_at: at(3).toISOString(),
      },
      expect.objectContaining({
        state: "delivered",
        next_attempt_at: null,
        last_status: 204,
        delivered_at: at(2).toISOString(),
      }),
      expect.objectContaining({ state: "dead", next_attempt_at: null, last_status: 500, last_error: "http-status" }),
    ]);
  });

  test("are walked page by page, and by state; a cursor is good for its own list only", async ({ expect }) => {
    const { webhooks, webhook, read, request, path, otherPath } = open();
    const made = Array.from({ length: 5 }, (_, index) => buildDelivery({ createdAt: at(index) })).toReversed();
    for (const delivery of made) webhooks.addDelivery(webhook.id, delivery);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { page, response } = await read(cursor === "" ? "limit=2" : `limit=2&cursor=${cursor}`);
      seen.push(...page.data.map(({ event_id: id }) => id));
      cursor = page.next_cursor;
      expect(response.headers.get("Link")).toBe(
        cursor === null ? null : `<${path}/deliveries?limit=2&cursor=${cursor}>; rel="next"`,
      );
    }
    expect(seen).toEqual(made.map(({ eventId }) => eventId));
    expect((await read("state=delivered")).page.data).toEqual([]);
    const { next_cursor: first } = (await read("limit=2")).page;
    for (const target of [
      `${path}/deliveries?state=pending`,
      `${otherPath}/deliveries?limit=2`,
      `${path}/deliveries?a=b`,
    ]) {
      const problem = await readProblem(await request(`${target}&cursor=${first}`));
      expect(["invalid-cursor", "validation-failed"]).toContain(problem.code);
      expect(problem.status).toBe(400);
    }
  });

  test.for([
    ["limit=0", "limit"],
    ["state=lost", "state"],
    ["since=2026", "since"],
    ["state=dead&state=pending", "state"],
  ] as const)("are refused for ?%s", async ([query, parameter], { expect }) => {
    const { request, path } = open();
    const problem = await readProblem(await request(`${path}/deliveries?${query}`));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter }] });
  });
});

describe("a test of an endpoint", () => {
  test("is accepted, and is among its deliveries, about nobody", async ({ expect }) => {
    const { request, path, read } = open();
    const response = await request(`${path}/test`, { method: "POST" });
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([202, "no-store"]);
    const delivery = webhookDeliverySchema.parse(await readJson(response));
    expect(delivery).toMatchObject({
      event_type: "webhook.test",
      user_id: null,
      state: "pending",
      attempts: 0,
      next_attempt_at: NOW.toISOString(),
    });
    expect((await read()).page.data).toEqual([delivery]);
  });

  test("is another one each time", async ({ expect }) => {
    const { request, path, read } = open();
    for (let time = 0; time < 3; time += 1) await request(`${path}/test`, { method: "POST" });
    expect(new Set((await read()).page.data.map(({ event_id: id }) => id)).size).toBe(3);
  });

  test("is refused while nothing is sent to it", async ({ expect }) => {
    const { request, path, read } = open();
    await request(path, send("PATCH", { status: "disabled" }));
    const problem = await readProblem(await request(`${path}/test`, { method: "POST" }));
    expect(problem).toMatchObject({ code: "webhook-disabled", status: 409 });
    expect((await read()).page.data).toEqual([]);
  });
});
