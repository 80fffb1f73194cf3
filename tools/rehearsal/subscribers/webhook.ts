import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

import { Webhook } from "standardwebhooks";
import { z } from "zod";

import { closeServer, listen } from "../../net/listen.ts";
import type { Subscriber } from "./kinds.ts";

/** A receiver of webhooks, which takes whatever the service has signed. */
export interface WebhookReceiver extends Subscriber {
  readonly url: string;
}

const SIGNED = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

const eventSchema = z.object({ id: z.uuid() });

/** Listens on loopback. Verifies with the library of the standard. @param secret as the endpoint has it */
export async function startWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const webhook = new Webhook(secret);
  const ids: string[] = [];
  const invalid: string[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    try {
      ids.push(readEvent(webhook, request, await text(request)));
      return 204;
    } catch (error) {
      invalid.push(`a webhook: ${error instanceof Error ? error.message : String(error)}`);
      return 400;
    }
  };
  const server = createServer((request, response) => {
    void take(request).then((status) => response.writeHead(status).end());
  });
  const port = await listen(server, { port: 0 });
  return {
    kind: "webhook",
    url: `http://127.0.0.1:${port}/events`,
    ids,
    invalid,
    // It is the service that comes; a delivery that it repeats is seen in the ids.
    reconnects: 0,
    stop: () => closeServer(server),
  };
}

/** Gives the event's id. @throws Error when the service has not signed it, or signed another */
function readEvent(webhook: Webhook, { headers }: IncomingMessage, body: string): string {
  const given = Object.fromEntries(SIGNED.map((name) => [name, String(headers[name])]));
  const { id } = eventSchema.parse(webhook.verify(body, given));
  if (id !== given["webhook-id"]) throw new Error(`event ${id} came as ${given["webhook-id"]}`);
  return id;
}
