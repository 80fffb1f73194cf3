import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { CHANGE_PROBLEMS, COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respondJson } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { toDeliveryBody, webhookDeliverySchema } from "./delivery-schemas.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { webhookIdParams } from "./schemas.ts";

const testWebhookRoute = createRoute({
  method: "post",
  path: `${WEBHOOKS_PATH}/{id}/test`,
  request: { params: webhookIdParams, query: noQuery },
  ...documented(() => ({
    operationId: "testWebhook",
    summary: "Send a test event to a webhook endpoint",
    description:
      "Has an event of type `webhook.test` sent, which is about no user, whatever types the endpoint is for. What becomes of it is among its deliveries. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      202: jsonResponse(webhookDeliverySchema, "The event will be sent.", { examples: ["test-delivery"] }),
      ...problemResponses([...COMMON_PROBLEMS, ...CHANGE_PROBLEMS, "webhook-not-found", "webhook-disabled"]),
    },
  })),
});

export function registerTestWebhook(app: OpenAPIHono<AppEnv>, { webhooks, guards }: WebhookRoutesOptions): void {
  addOperation(
    app,
    testWebhookRoute,
    async (c, { params }) => respondJson(c, 202, toDeliveryBody(await webhooks.sendTest(params.id, c.env))),
    guards(WEBHOOKS_SCOPE),
  );
}
