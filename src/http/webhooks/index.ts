import type { OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { registerCreateWebhook } from "./create-webhook.ts";
import { registerDeleteWebhook } from "./delete-webhook.ts";
import { registerGetWebhook } from "./get-webhook.ts";
import { registerListWebhookDeliveries } from "./list-webhook-deliveries.ts";
import { registerListWebhooks } from "./list-webhooks.ts";
import type { WebhookRoutesOptions } from "./options.ts";
import { registerRotateWebhookSecret } from "./rotate-webhook-secret.ts";
import { registerTestWebhook } from "./test-webhook.ts";
import { registerUpdateWebhook } from "./update-webhook.ts";

/** Every operation on webhook endpoints. */
export function registerWebhooks(app: OpenAPIHono<AppEnv>, options: WebhookRoutesOptions): void {
  registerListWebhooks(app, options);
  registerCreateWebhook(app, options);
  registerGetWebhook(app, options);
  registerUpdateWebhook(app, options);
  registerDeleteWebhook(app, options);
  registerRotateWebhookSecret(app, options);
  registerTestWebhook(app, options);
  registerListWebhookDeliveries(app, options);
}
