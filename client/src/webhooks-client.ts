import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type {
  TaggedWebhook,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookInput,
  WebhookPatch,
  WebhookWithSecret,
} from "./models.ts";

/** Where events are sent. Needs the scope `webhooks:write`. Rejects as the other calls do, and with `webhook-not-found`. */
export interface WebhooksClient {
  /**
   * Creates an endpoint; the answer is the only one with its secret. Is never retried: without an answer, look into the list
   * before you try again. Common problems: `webhook-url-refused`, `webhook-limit-reached`.
   */
  create(input: WebhookInput, options?: CallOptions): Promise<WebhookWithSecret>;
  /** All endpoints, newest first. */
  list(options?: CallOptions): Promise<readonly Webhook[]>;
  get(id: string, options?: CallOptions): Promise<TaggedWebhook>;
  /** Changes the fields of `patch`. Is retried only with `ifMatch`, for another change might have come in between. */
  update(id: string, patch: WebhookPatch, options?: ChangeOptions): Promise<TaggedWebhook>;
  /** Deletes the endpoint; succeeds as well when there is none, unless `ifMatch` is given. */
  delete(id: string, options?: ChangeOptions): Promise<void>;
  /** Gives the endpoint a new secret, which is told here only; the old one signs as well for a day. Without an answer, call it again. */
  rotateSecret(id: string, options?: CallOptions): Promise<WebhookWithSecret>;
  /** Has a test event sent; its delivery tells what becomes of it. Common problem: `webhook-disabled`. */
  sendTest(id: string, options?: CallOptions): Promise<WebhookDelivery>;
  /** One page of recent deliveries, newest first. */
  listDeliveries(id: string, query?: WebhookDeliveryQuery, options?: CallOptions): Promise<WebhookDeliveryPage>;
  /** All recent deliveries, page by page as the loop asks for them. */
  deliveries(id: string, query?: WebhookDeliveryQuery, options?: CallOptions): AsyncIterable<WebhookDelivery>;
}
