import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { BODY_PROBLEMS, CHANGE_PROBLEMS, COMMON_PROBLEMS, MERGE_PATCH_BODY, SECURITY } from "../guards.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { entityTag, ENTITY_JSON, readPrecondition } from "../representation.ts";
import { ifMatchHeaders } from "../request-headers.ts";
import { respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { toWebhookJson, updateWebhookSchema, webhookIdParams, webhookSchema } from "./schemas.ts";

const PATCHES = exampleRefs(["disable-webhook"]);

const updateWebhookRoute = createRoute({
  method: "patch",
  path: `${WEBHOOKS_PATH}/{id}`,
  request: {
    headers: ifMatchHeaders,
    params: webhookIdParams,
    query: noQuery,
    body: {
      required: true,
      description: "The changes.",
      content: {
        "application/merge-patch+json": { schema: updateWebhookSchema, ...PATCHES },
        "application/json": { schema: updateWebhookSchema, ...PATCHES },
      },
    },
  },
  ...documented(() => ({
    operationId: "updateWebhook",
    summary: "Change a webhook endpoint",
    description:
      "Changes the given fields and keeps the others (JSON Merge Patch). What was to be sent to an endpoint that is disabled waits until it is enabled; events of that time are not sent. With `If-Match`, nothing is changed unless the endpoint is in that state. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      200: jsonResponse(webhookSchema, "The endpoint after the change.", { headers: ["ETag"], examples: ["webhook"] }),
      ...problemResponses([
        ...COMMON_PROBLEMS,
        ...CHANGE_PROBLEMS,
        ...BODY_PROBLEMS,
        "webhook-url-refused",
        "webhook-not-found",
        "precondition-failed",
        "precondition-required",
      ]),
    },
  })),
});

export function registerUpdateWebhook(
  app: OpenAPIHono<AppEnv>,
  { webhooks, guards, changes }: WebhookRoutesOptions,
): void {
  addOperation(
    app,
    updateWebhookRoute,
    async (c, { params: { id }, body: { event_types: eventTypes, ...patch } }) => {
      const precondition = readPrecondition(c, id, { isRequired: changes.requireIfMatch });
      const endpoint = await webhooks.update(id, { ...patch, eventTypes }, precondition, c.env);
      return respond(c, 200, toWebhookJson(endpoint), ENTITY_JSON, [["ETag", entityTag(endpoint)]]);
    },
    guards(WEBHOOKS_SCOPE, MERGE_PATCH_BODY),
  );
}
