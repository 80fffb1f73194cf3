import { uuidv7 } from "uuidv7";

import type { NewWebhookEndpoint, WebhookDelivery } from "../../src/models/webhook-endpoint.ts";

export const WEBHOOKS = "/api/v1/webhooks";

/** An endpoint as it is added, except for what `overrides` says. */
export function buildWebhook(overrides: Partial<NewWebhookEndpoint> = {}): NewWebhookEndpoint {
  const createdAt = new Date("2026-03-01T12:00:00.123Z");
  return {
    id: uuidv7(),
    url: "https://hooks.example.com/users",
    description: null,
    eventTypes: [],
    status: "enabled",
    disabledReason: null,
    previousSecretUntil: null,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    secret: `whsec_${btoa(crypto.randomUUID().slice(0, 32))}`,
    createdBy: "test",
    ...overrides,
  };
}

/** A delivery of an event of a user that is still to be made, except for what `overrides` says. */
export function buildDelivery(overrides: Partial<WebhookDelivery> = {}): WebhookDelivery {
  const createdAt = new Date("2026-03-01T12:00:00.123Z");
  return {
    eventId: uuidv7(),
    eventType: "user.created",
    subjectId: uuidv7(),
    state: "pending",
    attempts: 0,
    dueAt: createdAt,
    lastStatus: null,
    lastError: null,
    lastAttemptAt: null,
    deliveredAt: null,
    createdAt,
    ...overrides,
  };
}
