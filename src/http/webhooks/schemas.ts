import { z } from "@hono/zod-openapi";

import { USER_EVENT_TYPES } from "../../models/user-event.ts";
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_ENDPOINTS,
  type EndpointWithSecret,
  type WebhookEndpoint,
} from "../../models/webhook-endpoint.ts";
import { MAX_WEBHOOK_URL_LENGTH } from "../../models/webhook-url.ts";
import { ENDPOINT_STATUSES, type DisabledReason } from "../../models/webhook.ts";
import { documented } from "../documented.ts";
import { createIdParams } from "../id-params.ts";

const DISABLED_REASONS = ["manual", "gone", "failing"] as const satisfies readonly DisabledReason[];

/** Races may make some more endpoints than there should be. */
const MAX_LISTED = 2 * MAX_ENDPOINTS;

const timestamp = (description: string) =>
  z.string().openapi({ description, format: "date-time", maxLength: 24, example: "2026-01-31T12:00:00.000Z" });

const url = z.string().openapi(
  documented(() => ({
    description:
      "Where events are sent, by POST: https, on a port that Cloudflare knows, a host of the public internet, no credentials. Answered in its normal form.",
    format: "uri",
    minLength: 1,
    maxLength: MAX_WEBHOOK_URL_LENGTH,
    pattern: "^[Hh][Tt][Tt][Pp][Ss]?:",
    example: "https://hooks.example.com/users",
  })),
);

const description = z
  .string()
  .max(MAX_DESCRIPTION_LENGTH, { error: `Give at most ${MAX_DESCRIPTION_LENGTH} characters.` })
  // Halves of characters, and the character 0, are what the database does not take.
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), { error: "Leave out control characters." })
  .nullable()
  .openapi(
    documented(() => ({
      description: "What it is for, in your words.",
      pattern: String.raw`^[^\x00-\x1F\x7F-\x9F]*$`,
      example: "Mailing list",
    })),
  );

const eventTypes = z
  .array(z.enum(USER_EVENT_TYPES, { error: `Give one of ${USER_EVENT_TYPES.join(", ")}.` }))
  .max(USER_EVENT_TYPES.length, { error: `Give at most ${USER_EVENT_TYPES.length} types.` })
  .openapi(documented(() => ({ description: "What is sent there; none means all types, also those to come." })));

const status = z
  .enum(ENDPOINT_STATUSES, { error: `Give one of ${ENDPOINT_STATUSES.join(", ")}.` })
  .openapi(documented(() => ({ description: "Nothing is sent to an endpoint that is disabled." })));

const members = documented(() => ({
  id: z.string().openapi({
    description: "UUID version 7, given by the service.",
    format: "uuid",
    maxLength: 36,
    example: "01932f30-4b1e-7a55-8d2c-5e9f0a1b2c3d",
  }),
  url,
  description,
  event_types: eventTypes,
  status,
  disabled_reason: z.enum(DISABLED_REASONS).nullable().openapi({
    description:
      "Why it is disabled: somebody wanted it so (`manual`), it answered 410 (`gone`), or it failed for days (`failing`). Null while it is enabled.",
  }),
  previous_secret_expires_at: timestamp(
    "Until when the secret before the last rotation signs as well; may be past. Null before the first rotation.",
  ).nullable(),
  created_at: timestamp("When it was created (RFC 3339, UTC)."),
  updated_at: timestamp("When it was last changed (RFC 3339, UTC)."),
}));

export const webhookSchema = documented(() =>
  z.strictObject(members).openapi("Webhook", { description: "An endpoint that events are sent to." }),
);

export const webhookWithSecretSchema = documented(() =>
  z
    .strictObject({
      ...members,
      secret: z.string().openapi({
        description: "What its deliveries are signed with (Standard Webhooks). Told this once: keep it.",
        maxLength: 50,
        pattern: "^whsec_[A-Za-z0-9+/]{43}=$",
        example: "whsec_YW4gZXhhbXBsZSBhbmQgbm9ib2R5J3Mgc2VjcmV0ISE=",
      }),
    })
    .openapi("WebhookWithSecret", { description: "An endpoint with its secret." }),
);

export const webhookListSchema = documented(() =>
  z
    .strictObject({
      data: z.array(webhookSchema).max(MAX_LISTED).openapi({ description: "All endpoints, newest first." }),
    })
    .openapi("WebhookList", { description: "The endpoints of this service." }),
);

export const createWebhookSchema = z
  .strictObject({ url, description: description.optional(), event_types: eventTypes.optional() })
  .openapi(
    "CreateWebhook",
    documented(() => ({ description: "The data of a new endpoint." })),
  );

export const updateWebhookSchema = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    event_types: eventTypes.optional(),
    status: status.optional(),
  })
  .openapi(
    "UpdateWebhook",
    documented(() => ({
      description: "The fields to change (JSON Merge Patch, RFC 7396); absent fields are kept.",
    })),
  );

export const webhookIdParams = createIdParams("webhook endpoint");

/** The public shape of an endpoint. */
export function toWebhookBody(endpoint: WebhookEndpoint): z.infer<typeof webhookSchema> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    event_types: [...endpoint.eventTypes],
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    previous_secret_expires_at: endpoint.previousSecretUntil?.toISOString() ?? null,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

export function toWebhookJson(endpoint: WebhookEndpoint): string {
  return JSON.stringify(toWebhookBody(endpoint));
}

/** The only shape with a secret. */
export function toSecretBody(endpoint: EndpointWithSecret): z.infer<typeof webhookWithSecretSchema> {
  return { ...toWebhookBody(endpoint), secret: endpoint.secret };
}
