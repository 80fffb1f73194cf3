import type { CallOptions } from "./call-options.ts";
import { bodyOf, type CallContext, conditionOf, MERGE_PATCH, type Result, segment, tagOf } from "./calls.ts";
import { settleDeletion, settleUpdate } from "./conditional.ts";
import type { TaggedWebhook, Webhook, WebhookDeliveryPage, WebhookDeliveryQuery, WebhookPatch } from "./models.ts";
import { walkPages } from "./paging.ts";
import type { WebhooksClient } from "./webhooks-client.ts";

/** The calls about webhook endpoints. */
export function createWebhooksClient(context: CallContext): WebhooksClient {
  return { ...createReading(context), ...createChanging(context) };
}

type Reading = Pick<WebhooksClient, "list" | "get" | "listDeliveries" | "deliveries">;
type Changing = Omit<WebhooksClient, keyof Reading>;

function createReading({ api, via }: CallContext): Reading {
  async function listDeliveries(
    id: string,
    query: WebhookDeliveryQuery = {},
    call: CallOptions = {},
  ): Promise<WebhookDeliveryPage> {
    const params = { path: { id: segment(id) }, query };
    return bodyOf(await api.GET("/api/v1/webhooks/{id}/deliveries", { params, ...via(call) }));
  }
  return {
    listDeliveries,
    deliveries: (id, query = {}, call = {}) => walkPages((page) => listDeliveries(id, page, call), query),
    list: async (call = {}) => bodyOf(await api.GET("/api/v1/webhooks", via(call))).data,
    get: (id, call) => getWebhook({ api, via }, id, call),
  };
}

function createChanging({ api, via }: CallContext): Changing {
  return {
    create: async (input, call = {}) => bodyOf(await api.POST("/api/v1/webhooks", { body: input, ...via(call) })),

    async update(id, patch, { ifMatch, signal } = {}) {
      const params = { path: { id: segment(id) }, header: conditionOf(ifMatch) };
      const headers = { "Content-Type": MERGE_PATCH };
      try {
        return toTagged(await api.PATCH("/api/v1/webhooks/{id}", { params, headers, body: patch, ...via({ signal }) }));
      } catch (error) {
        return await settleUpdate(
          error,
          ({ webhook }) => holdsPatch(webhook, patch),
          () => getWebhook({ api, via }, id, { signal }),
        );
      }
    },

    async delete(id, { ifMatch, signal } = {}) {
      const params = { path: { id: segment(id) }, header: conditionOf(ifMatch) };
      try {
        await api.DELETE("/api/v1/webhooks/{id}", { params, ...via({ signal }) });
      } catch (error) {
        await settleDeletion(error, "webhook-not-found", () => getWebhook({ api, via }, id, { signal }));
      }
    },

    async rotateSecret(id, call = {}) {
      const params = { path: { id: segment(id) } };
      return bodyOf(await api.POST("/api/v1/webhooks/{id}/rotate", { params, ...via(call) }));
    },

    async sendTest(id, call = {}) {
      const params = { path: { id: segment(id) } };
      return bodyOf(await api.POST("/api/v1/webhooks/{id}/test", { params, ...via(call) }));
    },
  };
}

async function getWebhook(
  { api, via }: Pick<CallContext, "api" | "via">,
  id: string,
  call: CallOptions = {},
): Promise<TaggedWebhook> {
  const params = { path: { id: segment(id) } };
  return toTagged(await api.GET("/api/v1/webhooks/{id}", { params, ...via(call) }));
}

function toTagged(result: Result<Webhook>): TaggedWebhook {
  return { webhook: bodyOf(result), etag: tagOf(result) };
}

/** Whether the endpoint is as the patch wants it: with the URL in its normal form, and each type once. */
function holdsPatch(webhook: Webhook, { url, description, event_types: types, status }: WebhookPatch): boolean {
  const wanted = new Set(types);
  return (
    (url === undefined || webhook.url === new URL(url).href) &&
    (description === undefined || webhook.description === description) &&
    (status === undefined || webhook.status === status) &&
    (types === undefined ||
      (webhook.event_types.length === wanted.size && webhook.event_types.every((type) => wanted.has(type))))
  );
}
