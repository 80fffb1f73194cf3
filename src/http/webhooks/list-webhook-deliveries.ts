import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { LIST_JSON, nextLink } from "../representation.ts";
import { respond } from "../respond.ts";
import { deliveryQuery, toDeliveryBody, webhookDeliveryPageSchema } from "./delivery-schemas.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { webhookIdParams } from "./schemas.ts";

const listWebhookDeliveriesRoute = createRoute({
  method: "get",
  path: `${WEBHOOKS_PATH}/{id}/deliveries`,
  request: { params: webhookIdParams, query: deliveryQuery },
  ...documented(() => ({
    operationId: "listWebhookDeliveries",
    summary: "List recent deliveries of a webhook endpoint",
    description:
      "Returns what was sent to the endpoint, is still to be sent, or was given up, page by page, newest first. Deliveries are kept for a limited time. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      200: jsonResponse(webhookDeliveryPageSchema, "One page of deliveries.", {
        headers: ["Link"],
        examples: ["deliveries"],
      }),
      ...problemResponses([...COMMON_PROBLEMS, "invalid-cursor", "webhook-not-found"]),
    },
  })),
});

export function registerListWebhookDeliveries(
  app: OpenAPIHono<AppEnv>,
  { webhooks, guards, deliveryCursors }: WebhookRoutesOptions,
): void {
  addOperation(
    app,
    listWebhookDeliveriesRoute,
    async (c, { params: { id }, query: { limit = PAGE_LIMIT.default, cursor, state = null } }) => {
      const scope = { id, state };
      const after = cursor === undefined ? null : await deliveryCursors.decode(cursor, scope);
      const page = await webhooks.listDeliveries(id, { state, limit, after }, c.env);
      const nextCursor = page.next === null ? null : await deliveryCursors.encode(page.next, scope);
      const body = JSON.stringify({ data: page.items.map(toDeliveryBody), next_cursor: nextCursor });
      return respond(c, 200, body, LIST_JSON, nextCursor === null ? [] : nextLink(c, nextCursor));
    },
    guards(WEBHOOKS_SCOPE),
  );
}
