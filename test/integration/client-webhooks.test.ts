import { createServer } from "node:http";

import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, test } from "vitest";

import { createUsersClient, webhooks, type WebhookEvent } from "../../client/src/index.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "a-key-of-this-test-0123456789abcdef";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ vars: { API_KEY } });
});

afterAll(async () => {
  await stack?.stop();
});

const connect = () => createUsersClient({ baseUrl: stack.url, apiKey: API_KEY, retry: { baseDelayMs: 20 } });

describe("client.webhooks", () => {
  test("creates, reads, lists, changes, tests and deletes an endpoint, also one on this machine, in development", async ({
    expect,
  }) => {
    const client = connect();
    const created = await client.webhooks.create({ url: "http://127.0.0.1:9999/hook", description: "of this test" });
    const { secret, ...shown } = created;
    expect(secret).toMatch(/^whsec_/);
    const { webhook, etag } = await client.webhooks.get(created.id);
    expect(webhook).toEqual(shown);
    expect(await client.webhooks.list()).toEqual([shown]);

    const changed = await client.webhooks.update(created.id, { event_types: ["user.deleted"] }, { ifMatch: etag });
    expect(changed.webhook).toMatchObject({ event_types: ["user.deleted"], description: "of this test" });
    await expect(client.webhooks.delete(created.id, { ifMatch: etag })).rejects.toMatchObject({
      code: "precondition-failed",
    });

    const tested = [];
    for (let time = 0; time < 3; time += 1) tested.unshift(await client.webhooks.sendTest(created.id));
    const seen = [];
    for await (const delivery of client.webhooks.deliveries(created.id, { limit: 2 })) seen.push(delivery);
    expect(seen).toEqual(tested);

    const rotated = await client.webhooks.rotateSecret(created.id);
    expect(rotated.secret).not.toBe(secret);
    await client.webhooks.delete(created.id);
    await expect(client.webhooks.get(created.id)).rejects.toMatchObject({ code: "webhook-not-found" });
    await expect(client.webhooks.create({ url: "http://hooks.example.com/" })).rejects.toMatchObject({
      code: "webhook-url-refused",
      errors: [{ pointer: "/url" }],
    });
  });
});

test("an endpoint that verifies with the secrets of the service takes what is signed by either, as Node receives it", async ({
  expect,
}) => {
  const client = connect();
  const { id, secret } = await client.webhooks.create({ url: "http://127.0.0.1:9999/hook" });
  const { secret: next } = await client.webhooks.rotateSecret(id);
  const received: WebhookEvent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const delivery = { payload: Buffer.concat(chunks), headers: request.headers, secrets: [next, secret] };
      webhooks.verify(delivery).then(
        (event) => {
          received.push(event);
          response.writeHead(204).end();
        },
        () => response.writeHead(400).end(),
      );
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  try {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const event = { id, type: "webhook.test", occurred_at: new Date().toISOString(), webhook_id: id };
    const body = JSON.stringify(event);
    const deliver = async (secrets: readonly string[]) => {
      const signature = secrets.map((each) => new Webhook(each).sign(id, new Date(), body)).join(" ");
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
        "webhook-signature": signature,
      };
      return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })).status;
    };
    expect(await deliver([next, secret])).toBe(204);
    expect(await deliver([secret])).toBe(204);
    expect(await deliver([`whsec_${Buffer.alloc(32).toString("base64")}`])).toBe(400);
    expect(received).toEqual([event, event]);
  } finally {
    server.close();
  }
});
