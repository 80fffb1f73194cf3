import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { emptyResponse, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respondWithEntity } from "../representation.ts";
import { ifNoneMatchHeaders } from "../request-headers.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { toWebhookJson, webhookIdParams, webhookSchema } from "./schemas.ts";

const getWebhookRoute = createRoute({
  method: "get",
  path: `${WEBHOOKS_PATH}/{id}`,
  request: { params: webhookIdParams, query: noQuery, headers: ifNoneMatchHeaders },
  ...documented(() => ({
    operationId: "getWebhook",
    summary: "Get a webhook endpoint",
    description: "Returns the endpoint with this id, without its secret. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      200: jsonResponse(webhookSchema, "The endpoint.", { headers: ["ETag"], examples: ["webhook"] }),
      304: emptyResponse("Your copy is up to date.", ["ETag"]),
      ...problemResponses([...COMMON_PROBLEMS, "webhook-not-found"]),
    },
  })),
});

export function registerGetWebhook(app: OpenAPIHono<AppEnv>, { webhooks, guards }: WebhookRoutesOptions): void {
  addOperation(
    app,
    getWebhookRoute,
    async (c, { params }) => respondWithEntity(c, await webhooks.getById(params.id, c.env), toWebhookJson),
    guards(WEBHOOKS_SCOPE),
  );
}
