import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { LIST_JSON } from "../representation.ts";
import { respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { toWebhookBody, webhookListSchema } from "./schemas.ts";

const listWebhooksRoute = createRoute({
  method: "get",
  path: WEBHOOKS_PATH,
  request: { query: noQuery },
  ...documented(() => ({
    operationId: "listWebhooks",
    summary: "List webhook endpoints",
    description: "Returns all endpoints, newest first; there are few. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      200: jsonResponse(webhookListSchema, "The endpoints.", { examples: ["webhooks"] }),
      ...problemResponses(COMMON_PROBLEMS),
    },
  })),
});

export function registerListWebhooks(app: OpenAPIHono<AppEnv>, { webhooks, guards }: WebhookRoutesOptions): void {
  addOperation(
    app,
    listWebhooksRoute,
    async (c) => {
      const endpoints = await webhooks.list(c.env);
      return respond(c, 200, JSON.stringify({ data: endpoints.map(toWebhookBody) }), LIST_JSON);
    },
    guards(WEBHOOKS_SCOPE),
  );
}
