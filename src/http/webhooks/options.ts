import type { WebhookService } from "../../services/webhook-service.ts";
import type { Guards } from "../guards.ts";
import type { ChangeOptions } from "../representation.ts";
import type { DeliveryCursorCodec } from "./cursor.ts";

/** What the operations on webhook endpoints are made of. */
export interface WebhookRoutesOptions {
  readonly webhooks: WebhookService;
  readonly guards: Guards;
  readonly deliveryCursors: DeliveryCursorCodec;
  readonly changes: ChangeOptions;
}

export const WEBHOOKS_PATH = "/api/v1/webhooks";

/** The one scope of all these operations: an endpoint's URL is often a secret itself, so reading it is no smaller right. */
export const WEBHOOKS_SCOPE = "webhooks:write";
