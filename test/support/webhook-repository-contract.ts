import { describe, test } from "vitest";

import type { DeliveryQuery, WebhookDelivery, WebhookRepository } from "../../src/models/webhook-endpoint.ts";
import { withContext } from "./call-context.ts";
import { buildDelivery, buildWebhook } from "./webhook-endpoints.ts";

/** An empty repository, what becomes of its secrets, and what the events Worker does. */
export interface OpenedWebhooks {
  readonly webhooks: WebhookRepository;
  secretsOf(id: string): Promise<{ readonly secret: string; readonly previousSecret: string | null }>;
  addDelivery(id: string, delivery: WebhookDelivery): Promise<void>;
}

const LIMIT = 50;
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const ALL: DeliveryQuery = { state: null, limit: 100, after: null };
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 2, 12, minute));

/** What every repository of webhook endpoints promises; run for the fake and for PostgreSQL. */
export function describeWebhookRepository(name: string, openAll: () => Promise<OpenedWebhooks>): void {
  const open = async () => {
    const { webhooks, ...rest } = await openAll();
    return { webhooks: withContext(webhooks), ...rest };
  };
  const add = async (webhooks: Awaited<ReturnType<typeof open>>["webhooks"], overrides = {}) => {
    const made = buildWebhook(overrides);
    await webhooks.insert(made, LIMIT);
    const { secret, createdBy: _caller, ...shown } = made;
    return { shown, secret };
  };

  describe(`${name} keeps the contract of webhook repositories`, () => {
    test("an endpoint is found as it was given, without its secret", async ({ expect }) => {
      const { webhooks, secretsOf } = await open();
      const { shown, secret } = await add(webhooks, { description: 'a "note", {}', eventTypes: ["user.created"] });
      expect(await webhooks.findById(shown.id)).toEqual(shown);
      expect(await secretsOf(shown.id)).toEqual({ secret, previousSecret: null });
    });

    test("an endpoint that is added again is there once, also at the limit", async ({ expect }) => {
      const { webhooks } = await open();
      const made = buildWebhook();
      await webhooks.insert(made, 1);
      await webhooks.insert(made, 1);
      expect(await webhooks.list()).toHaveLength(1);
    });

    test("beyond the limit none is added", async ({ expect }) => {
      const { webhooks } = await open();
      await webhooks.insert(buildWebhook(), 2);
      await webhooks.insert(buildWebhook(), 2);
      await expect(webhooks.insert(buildWebhook(), 2)).rejects.toMatchObject({ code: "webhook-limit-reached" });
      expect(await webhooks.list()).toHaveLength(2);
    });

    test("all are listed, newest first, those of one time by id", async ({ expect }) => {
      const { webhooks } = await open();
      const made = [];
      for (const minute of [2, 1, 1, 3])
        made.push((await add(webhooks, { createdAt: at(minute), updatedAt: at(minute) })).shown);
      const [second, fourth, third, first] = made;
      expect(await webhooks.list()).toEqual([first, second, third, fourth]);
    });

    test("what is not there is told apart, and is no error but where something was to be done", async ({ expect }) => {
      const { webhooks } = await open();
      const rotation = { secret: "whsec_new", rotatedAt: at(0), previousSecretUntil: at(9) };
      expect(await webhooks.findById(ABSENT)).toBeNull();
      expect(await webhooks.update(ABSENT, { description: "x", updatedAt: at(0) }, null)).toBeNull();
      expect(await webhooks.delete(ABSENT, null)).toBe(false);
      expect(await webhooks.rotateSecret(ABSENT, rotation)).toBeNull();
      const test = { eventId: ABSENT, createdAt: at(0) };
      await expect(webhooks.queueTest(ABSENT, test)).rejects.toMatchObject({ code: "webhook-not-found" });
      await expect(webhooks.listDeliveries(ABSENT, ALL)).rejects.toMatchObject({ code: "webhook-not-found" });
    });

    test.for([
      [{ url: "https://other.example.com/" }],
      [{ description: "changed" }],
      [{ description: null }],
      [{ eventTypes: ["user.updated", "user.deleted"] }],
      [{ eventTypes: [] }],
    ] as const)("a change makes %j of it, and keeps the rest", async ([patch], { expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks, { description: "before", eventTypes: ["user.created"] });
      const changed = await webhooks.update(shown.id, { ...patch, updatedAt: at(1) }, null);
      const expected = { ...shown, ...patch, updatedAt: at(1), version: 2 };
      expect(changed).toEqual(expected);
      expect(await webhooks.findById(shown.id)).toEqual(expected);
    });

    test("a change by a clock that is behind never moves the time of change back", async ({ expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks);
      const changed = await webhooks.update(shown.id, { description: "x", updatedAt: new Date(0) }, null);
      expect(changed).toMatchObject({ updatedAt: shown.updatedAt, version: 2 });
    });

    test("disabling says that somebody wanted it, and enabling forgets that", async ({ expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks);
      const disabled = await webhooks.update(shown.id, { status: "disabled", updatedAt: at(1) }, null);
      expect(disabled).toMatchObject({ status: "disabled", disabledReason: "manual", version: 2 });
      const enabled = await webhooks.update(shown.id, { status: "enabled", updatedAt: at(2) }, null);
      expect(enabled).toMatchObject({ status: "enabled", disabledReason: null, version: 3 });
    });

    test("a change or removal from another version is not made", async ({ expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks);
      expect(await webhooks.update(shown.id, { description: "x", updatedAt: at(1) }, [2, 3])).toBeNull();
      expect(await webhooks.delete(shown.id, [2])).toBe(false);
      expect(await webhooks.findById(shown.id)).toEqual(shown);
      expect(await webhooks.update(shown.id, { description: "x", updatedAt: at(1) }, [7, 1])).toMatchObject({
        version: 2,
      });
      expect(await webhooks.delete(shown.id, [2])).toBe(true);
      expect(await webhooks.findById(shown.id)).toBeNull();
    });

    test("a rotation keeps the secret before it; another one in its time replaces the newer one", async ({
      expect,
    }) => {
      const { webhooks, secretsOf } = await open();
      const { shown, secret } = await add(webhooks);
      const rotate = (next: string, minute: number) =>
        webhooks.rotateSecret(shown.id, { secret: next, rotatedAt: at(minute), previousSecretUntil: at(minute + 10) });
      expect(await rotate("whsec_1", 0)).toEqual({
        ...shown,
        previousSecretUntil: at(10),
        updatedAt: at(0),
        version: 2,
      });
      expect(await secretsOf(shown.id)).toEqual({ secret: "whsec_1", previousSecret: secret });
      expect(await rotate("whsec_2", 9)).toMatchObject({ previousSecretUntil: at(10), version: 3 });
      expect(await secretsOf(shown.id)).toEqual({ secret: "whsec_2", previousSecret: secret });
      expect(await rotate("whsec_3", 10)).toMatchObject({ previousSecretUntil: at(20), version: 4 });
      expect(await secretsOf(shown.id)).toEqual({ secret: "whsec_3", previousSecret: "whsec_2" });
    });

    test("a test is a delivery that is due at once; twice the same is one", async ({ expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks);
      const [eventId, createdAt] = ["01932f31-7c2d-7e66-9b3a-4d5e6f708192", at(1)];
      for (let time = 0; time < 2; time += 1) await webhooks.queueTest(shown.id, { eventId, createdAt });
      const expected = buildDelivery({
        eventId,
        createdAt,
        dueAt: createdAt,
        subjectId: eventId,
        eventType: "webhook.test",
      });
      expect((await webhooks.listDeliveries(shown.id, ALL)).items).toEqual([expected]);
    });

    test("to an endpoint that is disabled no test is sent", async ({ expect }) => {
      const { webhooks } = await open();
      const { shown } = await add(webhooks);
      await webhooks.update(shown.id, { status: "disabled", updatedAt: at(1) }, null);
      const queued = webhooks.queueTest(shown.id, { eventId: ABSENT, createdAt: at(1) });
      await expect(queued).rejects.toMatchObject({ code: "webhook-disabled" });
      expect(await webhooks.listDeliveries(shown.id, ALL)).toEqual({ items: [], next: null });
    });

    test("deliveries are listed newest first, page by page, by state, those of this endpoint only", async ({
      expect,
    }) => {
      const { webhooks, addDelivery } = await open();
      const [{ shown }, other] = [await add(webhooks), await add(webhooks)];
      const made: WebhookDelivery[] = [];
      for (let index = 0; index < 7; index += 1) {
        // Two of each time.
        const delivery = buildDelivery({ createdAt: at(Math.floor(index / 2)), ...(index % 3 === 0 ? DELIVERED : {}) });
        await addDelivery(shown.id, delivery);
        made.unshift(delivery);
      }
      await addDelivery(other.shown.id, buildDelivery());
      const walk = async (state: DeliveryQuery["state"]) => {
        const found: WebhookDelivery[] = [];
        let after: DeliveryQuery["after"] = null;
        do {
          const { items, next }: Awaited<ReturnType<typeof webhooks.listDeliveries>> = await webhooks.listDeliveries(
            shown.id,
            { state, limit: 2, after },
          );
          found.push(...items);
          after = next;
        } while (after !== null);
        return found;
      };
      expect(await walk(null)).toEqual(made);
      expect(await walk("delivered")).toEqual(made.filter(({ state }) => state === "delivered"));
      expect(await walk("dead")).toEqual([]);
      expect((await webhooks.listDeliveries(shown.id, { ...ALL, limit: 7 })).next).toBeNull();
    });

    test("an endpoint that is removed takes its deliveries with it", async ({ expect }) => {
      const { webhooks, addDelivery } = await open();
      const made = buildWebhook();
      await webhooks.insert(made, LIMIT);
      await addDelivery(made.id, buildDelivery());
      expect(await webhooks.delete(made.id, null)).toBe(true);
      await webhooks.insert(made, LIMIT);
      expect((await webhooks.listDeliveries(made.id, ALL)).items).toEqual([]);
    });
  });
}

const DELIVERED = {
  state: "delivered",
  dueAt: null,
  attempts: 3,
  lastStatus: 204,
  lastError: null,
  lastAttemptAt: at(30),
  deliveredAt: at(30),
} as const;
