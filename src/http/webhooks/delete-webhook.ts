import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { CHANGE_PROBLEMS, COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { emptyResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { readPrecondition } from "../representation.ts";
import { ifMatchHeaders } from "../request-headers.ts";
import { NO_CONTENT, respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { webhookIdParams } from "./schemas.ts";

const deleteWebhookRoute = createRoute({
  method: "delete",
  path: `${WEBHOOKS_PATH}/{id}`,
  request: { headers: ifMatchHeaders, params: webhookIdParams, query: noQuery },
  ...documented(() => ({
    operationId: "deleteWebhook",
    summary: "Delete a webhook endpoint",
    description:
      "Removes the endpoint, and all that is still to be sent to it. Repeating it is harmless. With `If-Match`, nothing is removed unless the endpoint is in that state. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      204: emptyResponse("There is no such endpoint any more."),
      ...problemResponses([...COMMON_PROBLEMS, ...CHANGE_PROBLEMS, "precondition-failed", "precondition-required"]),
    },
  })),
});

export function registerDeleteWebhook(
  app: OpenAPIHono<AppEnv>,
  { webhooks, guards, changes }: WebhookRoutesOptions,
): void {
  addOperation(
    app,
    deleteWebhookRoute,
    async (c, { params: { id } }) => {
      const precondition = readPrecondition(c, id, { isRequired: changes.requireIfMatch });
      await webhooks.delete(id, precondition, c.env);
      return respond(c, 204, null, NO_CONTENT);
    },
    guards(WEBHOOKS_SCOPE),
  );
}
