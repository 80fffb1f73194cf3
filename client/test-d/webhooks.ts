// Compiled, never run: how webhooks are managed and received. Uses the package as its users do.
import {
  createUsersClient,
  type TaggedWebhook,
  type UserEvent,
  type Webhook,
  type WebhookDelivery,
  type WebhookDeliveryPage,
  type WebhookRefusal,
  WebhookVerificationError,
  type WebhookWithSecret,
  webhooks,
} from "users-api-client";

const client = createUsersClient({ baseUrl: "https://users.example.com", apiKey: "key" });

// Every method, used rightly.
export const created: Promise<WebhookWithSecret> = client.webhooks.create({
  url: "https://hooks.example.com/",
  event_types: ["user.created"],
});
export const all: Promise<readonly Webhook[]> = client.webhooks.list();
export const read: Promise<TaggedWebhook> = client.webhooks.get("id", { signal: AbortSignal.timeout(100) });
export const changed: Promise<TaggedWebhook> = client.webhooks.update(
  "id",
  { description: null },
  { ifMatch: '"id.1"' },
);
export const deleted: Promise<void> = client.webhooks.delete("id");
export const rotated: Promise<WebhookWithSecret> = client.webhooks.rotateSecret("id");
export const tested: Promise<WebhookDelivery> = client.webhooks.sendTest("id");
export const page: Promise<WebhookDeliveryPage> = client.webhooks.listDeliveries("id", { state: "dead", limit: 5 });
export const deliveries: AsyncIterable<WebhookDelivery> = client.webhooks.deliveries("id");

// @ts-expect-error -- the URL is required
void client.webhooks.create({ description: "no URL" });
// @ts-expect-error -- no such type
void client.webhooks.create({ url: "https://hooks.example.com/", event_types: ["user.renamed"] });
// @ts-expect-error -- secrets are the service's to make
void client.webhooks.update("id", { secret: "whsec_" });
// @ts-expect-error -- no such state
void client.webhooks.listDeliveries("id", { state: "lost" });

export async function receive(request: Request): Promise<string | null> {
  // @ts-expect-error -- only a creation and a rotation tell the secret
  void (await client.webhooks.get("id")).webhook.secret;
  try {
    const event = await webhooks.verify({
      payload: await request.arrayBuffer(),
      headers: request.headers,
      secrets: ["whsec_new", "whsec_old"],
      toleranceSeconds: 60,
    });
    if (event.type === "webhook.test") return event.webhook_id;
    event satisfies UserEvent;
    return event.user?.username ?? event.user_id;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    error.reason satisfies WebhookRefusal;
    // @ts-expect-error -- no refusal is called so
    error.reason satisfies "wrong";
    return null;
  }
}

// Headers as Node gives them.
void webhooks.verify({ payload: "{}", headers: { "webhook-id": "a", "set-cookie": ["b"] }, secrets: "whsec_" });
// @ts-expect-error -- a secret is needed
void webhooks.verify({ payload: "{}", headers: new Headers() });
// @ts-expect-error -- what was parsed has no signature any more
void webhooks.verify({ payload: { id: "a" }, headers: new Headers(), secrets: "whsec_" });
