import { z } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import { USER_EVENT_TYPES } from "../../models/user-event.ts";
import type { WebhookDelivery } from "../../models/webhook-endpoint.ts";
import { DELIVERY_FAILURES, DELIVERY_STATES, TEST_EVENT_TYPE } from "../../models/webhook.ts";
import { documented } from "../documented.ts";
import { limitQuery } from "../limit-query.ts";
import { CURSOR_TEXT } from "../users/texts.ts";

const timestamp = (description: string) =>
  z.string().openapi({ description, format: "date-time", maxLength: 24, example: "2026-01-31T12:00:00.000Z" });

const uuid = (description: string, example: string) =>
  z.string().openapi({ description, format: "uuid", maxLength: 36, example });

export const webhookDeliverySchema = documented(() =>
  z
    .strictObject({
      event_id: uuid("Id of the event, as receivers get it.", "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33"),
      event_type: z.string().openapi({
        description: `Its type: one of a user, or \`${TEST_EVENT_TYPE}\`.`,
        maxLength: 50,
        pattern: "^[a-z]+[.][a-z]+$",
        example: USER_EVENT_TYPES[0],
      }),
      user_id: uuid(
        "Id of the user that it is about; null for a test.",
        "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
      ).nullable(),
      state: z.enum(DELIVERY_STATES).openapi({
        description: "`dead`: given up after many attempts, or while the endpoint was dead.",
      }),
      attempts: z.int().min(0).max(2_147_483_647).openapi({ description: "Attempts so far.", format: "int32" }),
      next_attempt_at: timestamp("When it is tried next at the earliest; null unless it is pending.").nullable(),
      last_attempt_at: timestamp("When it was tried last.").nullable(),
      last_status: z
        .int()
        .min(100)
        .max(999)
        .nullable()
        .openapi({ description: "HTTP status of the last answer; null when there was none.", format: "int32" }),
      last_error: z.enum(DELIVERY_FAILURES).nullable().openapi({ description: "Why the last attempt failed." }),
      delivered_at: timestamp("When it was delivered.").nullable(),
      created_at: timestamp("When it came to be."),
    })
    .openapi("WebhookDelivery", { description: "The sending of one event to one endpoint." }),
);

export const webhookDeliveryPageSchema = documented(() =>
  z
    .strictObject({
      data: z.array(webhookDeliverySchema).max(PAGE_LIMIT.max).openapi({ description: "Deliveries, newest first." }),
      next_cursor: z
        .string()
        .nullable()
        .openapi({ description: "Give it as `cursor` to read the next page; null on the last page.", ...CURSOR_TEXT }),
    })
    .openapi("WebhookDeliveryPage", { description: "One page of deliveries." }),
);

export const deliveryQuery = z.strictObject({
  limit: limitQuery("How many deliveries a page holds at most."),
  cursor: z
    .string()
    .optional()
    .openapi(
      documented(() => ({
        param: { name: "cursor", in: "query" },
        description: "Where to continue: `next_cursor` of the previous page.",
        ...CURSOR_TEXT,
      })),
    ),
  state: z
    .enum(DELIVERY_STATES, { error: `Give one of ${DELIVERY_STATES.join(", ")}.` })
    .optional()
    .openapi(
      documented(() => ({ param: { name: "state", in: "query" }, description: "Only deliveries in this state." })),
    ),
});

/** The public shape of a delivery. */
export function toDeliveryBody(delivery: WebhookDelivery): z.infer<typeof webhookDeliverySchema> {
  const { eventType } = delivery;
  return {
    event_id: delivery.eventId,
    event_type: eventType,
    user_id: eventType === TEST_EVENT_TYPE ? null : delivery.subjectId,
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: delivery.dueAt?.toISOString() ?? null,
    last_attempt_at: delivery.lastAttemptAt?.toISOString() ?? null,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
    created_at: delivery.createdAt.toISOString(),
  };
}
