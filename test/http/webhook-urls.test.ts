import { describe, test } from "vitest";

import { createFakeWebhookRepository } from "../support/fake-webhook-repository.ts";
import { HOSTILE_URLS } from "../support/hostile-urls.ts";
import { readProblem, send } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";
import { buildWebhook, WEBHOOKS } from "../support/webhook-endpoints.ts";

const HELP = {
  malformed: /absolute URL/,
  scheme: /https/,
  credentials: /password/,
  port: /443/,
  name: /public internet/,
  address: /public internet/,
};

describe.for(HOSTILE_URLS)("the URL %s", ([url, refusal]) => {
  test(`is refused for its ${refusal}, and not repeated`, async ({ expect }) => {
    const webhook = buildWebhook();
    const webhooks = createFakeWebhookRepository([webhook]);
    const { request } = createTestApp({ webhooks });
    const path = `${WEBHOOKS}/${webhook.id}`;
    for (const [target, init] of [
      [WEBHOOKS, send("POST", { url })],
      [path, send("PATCH", { url })],
    ] as const) {
      const problem = await readProblem(await request(target, init));
      expect(problem).toMatchObject({
        code: "webhook-url-refused",
        status: 400,
        errors: [{ pointer: "/url", code: "invalid_format", detail: expect.stringMatching(HELP[refusal]) }],
      });
      if (url.length > 20) expect(JSON.stringify(problem)).not.toContain(url);
    }
    expect(webhooks.stored(webhook.id)).toMatchObject({ url: webhook.url, version: 1 });
  });
});

test.for([
  "https://hooks.example.com/",
  "https://hooks.example.com:8443/a?b=c",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
  "https://hooks.example.com./",
  "https://127.0.0.1.nip.io/",
])("the URL %s is taken: what its name leads to is looked at when something is sent", async (url, { expect }) => {
  expect((await createTestApp().request(WEBHOOKS, send("POST", { url }))).status).toBe(201);
});
