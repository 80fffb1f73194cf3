import { z, type RouteConfig } from "@hono/zod-openapi";

import { TEST_EVENT_TYPE } from "../../models/webhook.ts";
import { userEventSchema } from "../user-events/schemas.ts";

/* What endpoints are sent, for the description of the API only: the events Worker sends it. */

const uuid = (description: string, example: string) =>
  z.string().openapi({ description, format: "uuid", maxLength: 36, example });

const testEventSchema = z
  .strictObject({
    id: uuid("UUID version 7 of the event.", "01932f31-7c2d-7e66-9b3a-4d5e6f708192"),
    type: z.literal(TEST_EVENT_TYPE).openapi({ description: "A test that somebody has asked for." }),
    occurred_at: z.string().openapi({
      description: "When it was asked for (RFC 3339, UTC).",
      format: "date-time",
      maxLength: 24,
      example: "2026-01-31T12:00:00.000Z",
    }),
    webhook_id: uuid("Id of the endpoint that it is for.", "01932f30-4b1e-7a55-8d2c-5e9f0a1b2c3d"),
  })
  .openapi("WebhookTestEvent", { description: "An event that is about nobody." });

const header = (description: string, pattern: string, example: string, maxLength: number) =>
  z.string().openapi({ description, pattern, example, maxLength });

/** One delivery (Standard Webhooks). */
export const EVENT_DELIVERY: RouteConfig = {
  method: "post",
  path: "event",
  operationId: "receiveEvent",
  summary: "An event is delivered",
  description:
    "Sent to each endpoint that wants events of this type: at least once, those of one user in order. Check the signature over `webhook-id.webhook-timestamp.body`, drop what you have by `webhook-id`, and answer 2xx within seconds; anything else is tried again.",
  tags: ["Webhooks"],
  security: [],
  request: {
    headers: z.object({
      "webhook-id": header(
        "Id of the event: the same at each attempt.",
        "^[0-9a-f-]{36}$",
        "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
        36,
      ),
      "webhook-timestamp": header("When it was sent, in seconds since 1970.", "^[0-9]{1,12}$", "1769860800", 12),
      "webhook-signature": header(
        "Signatures, separated by spaces: one, or two while the secret is rotated.",
        "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        100,
      ),
    }),
    body: {
      required: true,
      description: "The event.",
      content: { "application/json": { schema: z.union([userEventSchema, testEventSchema]) } },
    },
  },
  responses: {
    204: { description: "You have it." },
    400: { description: "It is not from this service: its signature is wrong, or its time is." },
    410: { description: "You want no more: the endpoint is disabled." },
  },
};
