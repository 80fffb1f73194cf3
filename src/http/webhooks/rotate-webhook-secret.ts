import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { CHANGE_PROBLEMS, COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respondJson } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { toSecretBody, webhookIdParams, webhookWithSecretSchema } from "./schemas.ts";

const rotateWebhookSecretRoute = createRoute({
  method: "post",
  path: `${WEBHOOKS_PATH}/{id}/rotate`,
  request: { params: webhookIdParams, query: noQuery },
  ...documented(() => ({
    operationId: "rotateWebhookSecret",
    summary: "Rotate the secret of a webhook endpoint",
    description:
      "Gives the endpoint a new secret, which is told in this answer only. For 24 hours deliveries are signed with the secret before it as well. Another rotation within that time replaces the new secret and keeps the old one, with its time. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      200: jsonResponse(webhookWithSecretSchema, "The endpoint with its new secret.", {
        examples: ["webhook-with-secret"],
      }),
      ...problemResponses([...COMMON_PROBLEMS, ...CHANGE_PROBLEMS, "webhook-not-found"]),
    },
  })),
});

export function registerRotateWebhookSecret(
  app: OpenAPIHono<AppEnv>,
  { webhooks, guards }: WebhookRoutesOptions,
): void {
  addOperation(
    app,
    rotateWebhookSecretRoute,
    async (c, { params }) => respondJson(c, 200, toSecretBody(await webhooks.rotateSecret(params.id, c.env))),
    guards(WEBHOOKS_SCOPE),
  );
}
