import { randomUUID } from "node:crypto";

import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, test } from "vitest";

import { startWebhookReceiver, type WebhookReceiver } from "../../../../../tools/rehearsal/subscribers/webhook.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver(SECRET);
});
afterEach(() => receiver.stop());

async function send(id: string, { secret = SECRET, headerId = id } = {}): Promise<number> {
  const body = JSON.stringify({ id });
  const now = new Date();
  const headers = {
    "webhook-id": headerId,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(headerId, now, body),
  };
  return (await fetch(receiver.url, { method: "POST", body, headers })).status;
}

describe("a receiver of webhooks", () => {
  test("takes what is signed, as often as it comes", async ({ expect }) => {
    const ids = [randomUUID(), randomUUID()] as const;
    expect([await send(ids[0]), await send(ids[1]), await send(ids[0])]).toEqual([204, 204, 204]);
    expect(receiver.ids).toEqual([...ids, ids[0]]);
    expect(receiver.invalid).toEqual([]);
  });

  test("notes what is not signed by the service, or under another id", async ({ expect }) => {
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    expect(await send(randomUUID(), { secret: other })).toBe(400);
    expect(await send(randomUUID(), { headerId: randomUUID() })).toBe(400);
    expect(await send("no uuid")).toBe(400);
    expect(receiver.ids).toEqual([]);
    expect(receiver.invalid).toHaveLength(3);
  });
});
