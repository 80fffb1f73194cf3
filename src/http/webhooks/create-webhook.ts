import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { ANONYMOUS } from "../../models/principal.ts";
import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { BODY_PROBLEMS, CHANGE_PROBLEMS, COMMON_PROBLEMS, JSON_BODY, SECURITY } from "../guards.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respondJson } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { WEBHOOKS_PATH, WEBHOOKS_SCOPE, type WebhookRoutesOptions } from "./options.ts";
import { createWebhookSchema, toSecretBody, webhookWithSecretSchema } from "./schemas.ts";

const createWebhookRoute = createRoute({
  method: "post",
  path: WEBHOOKS_PATH,
  request: {
    query: noQuery,
    body: {
      required: true,
      description: "The new endpoint.",
      content: { "application/json": { schema: createWebhookSchema, ...exampleRefs(["new-webhook"]) } },
    },
  },
  ...documented(() => ({
    operationId: "createWebhook",
    summary: "Create a webhook endpoint",
    description:
      "Adds an endpoint: from now on, events of users are sent there. The answer is the only one with the secret that they are signed with. Whoever gets events reads what `users:read` reads. Needs the scope `webhooks:write`.",
    tags: ["Webhooks"],
    security: SECURITY,
    responses: {
      201: jsonResponse(webhookWithSecretSchema, "The endpoint was created.", {
        headers: ["Webhook-Location"],
        examples: ["webhook-with-secret"],
      }),
      ...problemResponses([
        ...COMMON_PROBLEMS,
        ...CHANGE_PROBLEMS,
        ...BODY_PROBLEMS,
        "webhook-url-refused",
        "webhook-limit-reached",
      ]),
    },
  })),
});

export function registerCreateWebhook(app: OpenAPIHono<AppEnv>, { webhooks, guards }: WebhookRoutesOptions): void {
  addOperation(
    app,
    createWebhookRoute,
    async (c, { body: { url, description, event_types: eventTypes } }) => {
      const { id: caller } = c.env.principal ?? ANONYMOUS;
      const endpoint = await webhooks.create({ url, description, eventTypes }, caller, c.env);
      return respondJson(c, 201, toSecretBody(endpoint), [["Location", `${WEBHOOKS_PATH}/${endpoint.id}`]]);
    },
    guards(WEBHOOKS_SCOPE, JSON_BODY),
  );
}
