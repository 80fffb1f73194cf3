import { describe, test } from "vitest";
import type { z } from "zod";

import { webhookListSchema, webhookSchema, webhookWithSecretSchema } from "../../src/http/webhooks/schemas.ts";
import { TEST_CONTEXT } from "../support/call-context.ts";
import { createFakeWebhookRepository } from "../support/fake-webhook-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { readJson, readProblem, send } from "../support/http-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";
import { buildWebhook, WEBHOOKS } from "../support/webhook-endpoints.ts";

const TARGET = "https://hooks.example.com/users?source=a";
const NOW = new Date("2026-05-01T08:30:00.250Z");

function open(options: TestAppOptions = {}, initial = [buildWebhook({ description: "first" })]) {
  const webhooks = createFakeWebhookRepository(initial);
  const app = createTestApp({ webhooks, now: () => NOW, ...options });
  const [{ id } = { id: ABSENT_ID }] = initial;
  return { ...app, webhooks, id, path: `${WEBHOOKS}/${id}` };
}

const readWebhook = async (response: Response): Promise<z.infer<typeof webhookSchema>> =>
  webhookSchema.parse(await readJson(response));
const readSecret = async (response: Response): Promise<z.infer<typeof webhookWithSecretSchema>> =>
  webhookWithSecretSchema.parse(await readJson(response));

describe("creating a webhook endpoint", () => {
  test("answers 201 with its place and its secret, which nobody may keep on the way", async ({ expect }) => {
    const { request, webhooks } = open();
    const given = {
      url: TARGET,
      description: "Mailing list",
      event_types: ["user.deleted", "user.created", "user.deleted"],
    };
    const response = await request(WEBHOOKS, send("POST", given));
    expect(response.status).toBe(201);
    const endpoint = await readSecret(response);
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      url: TARGET,
      description: "Mailing list",
      event_types: ["user.created", "user.deleted"],
      status: "enabled",
      disabled_reason: null,
      previous_secret_expires_at: null,
      created_at: NOW.toISOString(),
      updated_at: NOW.toISOString(),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    expect(response.headers.get("Location")).toBe(`${WEBHOOKS}/${endpoint.id}`);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("ETag")).toBeNull();
    expect(webhooks.stored(endpoint.id)).toMatchObject({ secret: endpoint.secret, createdBy: "anonymous" });
  });

  test("takes an URL alone: all types, no description", async ({ expect }) => {
    const { request } = open();
    const endpoint = await readSecret(await request(WEBHOOKS, send("POST", { url: TARGET })));
    expect(endpoint).toMatchObject({ description: null, event_types: [] });
  });

  test("stores the URL as the standard for URLs writes it", async ({ expect }) => {
    const { request } = open();
    const endpoint = await readSecret(
      await request(WEBHOOKS, send("POST", { url: "HTTPS://Bücher.Example.com:443/a/../b" })),
    );
    expect(endpoint.url).toBe("https://xn--bcher-kva.example.com/b");
  });

  test("gives each endpoint a secret of its own, and notes whose it is", async ({ expect }) => {
    const { request, webhooks } = open({ apiKey: "right" });
    const headers = { "X-API-Key": "right" };
    const made = [];
    for (let index = 0; index < 3; index += 1)
      made.push(await readSecret(await request(WEBHOOKS, send("POST", { url: TARGET }, headers))));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(3);
    expect(webhooks.stored(made[0]?.id ?? "")).toMatchObject({ createdBy: "api-key" });
  });

  test("ends at fifty", async ({ expect }) => {
    const { request } = open(
      {},
      Array.from({ length: 49 }, () => buildWebhook()),
    );
    expect((await request(WEBHOOKS, send("POST", { url: TARGET }))).status).toBe(201);
    const problem = await readProblem(await request(WEBHOOKS, send("POST", { url: TARGET })));
    expect(problem).toMatchObject({ code: "webhook-limit-reached", status: 409 });
  });

  test.for([
    [{}, "/url", "required"],
    [{ url: 7 }, "/url", "invalid_type"],
    [{ url: TARGET, description: "a".repeat(201) }, "/description", "too_long"],
    [{ url: TARGET, description: "a\u0000b" }, "/description", "invalid_format"],
    [{ url: TARGET, description: "half \uD83D of it" }, "/description", "invalid_format"],
    [{ url: TARGET, event_types: ["user.renamed"] }, "/event_types/0", "invalid_format"],
    [{ url: TARGET, event_types: ["webhook.test"] }, "/event_types/0", "invalid_format"],
    [{ url: TARGET, event_types: null }, "/event_types", "invalid_type"],
    [{ url: TARGET, event_types: Array.from({ length: 4 }, () => "user.created") }, "/event_types", "out_of_range"],
    [{ url: TARGET, secret: "whsec_mine" }, "/secret", "unknown"],
    [{ url: TARGET, status: "disabled" }, "/status", "unknown"],
  ] as const)("refuses %j: %s is %s", async ([body, pointer, code], { expect }) => {
    const { request, webhooks } = open({}, []);
    const problem = await readProblem(await request(WEBHOOKS, send("POST", body)));
    expect(problem).toMatchObject({ code: "validation-failed", status: 400, errors: [{ pointer, code }] });
    expect(problem.errors).toHaveLength(1);
    expect(await webhooks.list(TEST_CONTEXT)).toEqual([]);
  });
});

describe("an endpoint that exists", () => {
  test("is listed and read without its secret, whatever is asked", async ({ expect }) => {
    const { request, path, id, webhooks } = open();
    const list = await request(WEBHOOKS);
    expect(list.headers.get("Cache-Control")).toBe("private, no-cache");
    const { data } = webhookListSchema.parse(await readJson(list.clone()));
    expect(data.map((endpoint) => endpoint.id)).toEqual([id]);
    const secret = webhooks.stored(id)?.secret ?? "none";
    const answers = [list, await request(path), await request(path, send("PATCH", { description: "b" }))];
    answers.push(await request(`${path}/test`, { method: "POST" }), await request(`${path}/deliveries`));
    for (const answer of answers) expect(await answer.text()).not.toContain(secret);
  });

  test("is not sent again to who has it", async ({ expect }) => {
    const { request, path, id } = open();
    const response = await request(path);
    expect(response.headers.get("ETag")).toBe(`"${id}.1"`);
    expect(await readWebhook(response)).toMatchObject({ id, description: "first" });
    const again = await request(path, { headers: { "If-None-Match": `"${id}.1"` } });
    expect(again.status).toBe(304);
  });

  test("is changed field by field, under another tag", async ({ expect }) => {
    const { request, path, id } = open();
    const response = await request(path, send("PATCH", { event_types: ["user.deleted"], description: null }));
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe(`"${id}.2"`);
    expect(await readWebhook(response)).toMatchObject({
      event_types: ["user.deleted"],
      description: null,
      url: "https://hooks.example.com/users",
      updated_at: NOW.toISOString(),
    });
  });

  test("is left as it is by an empty patch, tag included", async ({ expect }) => {
    const { request, path, id } = open();
    const response = await request(path, send("PATCH", {}));
    expect([response.status, response.headers.get("ETag")]).toEqual([200, `"${id}.1"`]);
  });

  test("is disabled by hand and enabled again", async ({ expect }) => {
    const { request, path } = open();
    const patch = async (status: string) => await readWebhook(await request(path, send("PATCH", { status })));
    expect(await patch("disabled")).toMatchObject({ status: "disabled", disabled_reason: "manual" });
    expect(await patch("enabled")).toMatchObject({ status: "enabled", disabled_reason: null });
  });

  test.for(["secret", "id", "disabled_reason", "created_at"])(
    "has a %s that nobody can set",
    async (field, { expect }) => {
      const { request, path } = open();
      const problem = await readProblem(await request(path, send("PATCH", { [field]: "manual" })));
      expect(problem).toMatchObject({ code: "validation-failed", errors: [{ pointer: `/${field}`, code: "unknown" }] });
    },
  );

  test("is changed and removed only in the state that If-Match names", async ({ expect }) => {
    const { request, path, id } = open();
    const stale = { "If-Match": `"${id}.7"` };
    for (const init of [
      send("PATCH", { description: "x" }, stale),
      send("PATCH", {}, stale),
      { method: "DELETE", headers: stale },
    ]) {
      expect(await readProblem(await request(path, init))).toMatchObject({ code: "precondition-failed", status: 412 });
    }
    const current = { "If-Match": `"${id}.1"` };
    expect((await request(path, send("PATCH", { description: "x" }, current))).status).toBe(200);
    expect((await request(path, { method: "DELETE", headers: { "If-Match": `"${id}.2"` } })).status).toBe(204);
  });

  test("is not changed without If-Match where the operator asks for it", async ({ expect }) => {
    const { request, path } = open({ requireIfMatch: true });
    for (const init of [send("PATCH", { description: "x" }), { method: "DELETE" }])
      expect((await readProblem(await request(path, init))).code).toBe("precondition-required");
  });

  test("is gone once it is deleted, which may be repeated", async ({ expect }) => {
    const { request, path } = open();
    for (let time = 0; time < 2; time += 1) expect((await request(path, { method: "DELETE" })).status).toBe(204);
    expect((await readProblem(await request(path))).code).toBe("webhook-not-found");
  });
});

describe("rotating a secret", () => {
  test("tells the new one once, and how long the old one signs as well", async ({ expect }) => {
    const { request, path, id, webhooks } = open();
    const before = webhooks.stored(id)?.secret;
    const response = await request(`${path}/rotate`, { method: "POST" });
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    const endpoint = await readSecret(response);
    expect(endpoint.secret).not.toBe(before);
    expect(endpoint.previous_secret_expires_at).toBe("2026-05-02T08:30:00.250Z");
    expect(webhooks.stored(id)).toMatchObject({ secret: endpoint.secret, previousSecret: before, version: 2 });
  });

  test("may be repeated: receivers with the old secret lose nothing", async ({ expect }) => {
    const { request, path, id, webhooks } = open();
    const before = webhooks.stored(id)?.secret;
    for (let time = 0; time < 2; time += 1) await request(`${path}/rotate`, { method: "POST" });
    expect(webhooks.stored(id)?.previousSecret).toBe(before);
  });
});

test.for([
  ["GET", ""],
  ["PATCH", ""],
  ["POST", "/rotate"],
  ["POST", "/test"],
  ["GET", "/deliveries"],
] as const)("%s …%s of an endpoint that does not exist is 404", async ([method, rest], { expect }) => {
  const { request } = open();
  const init = method === "PATCH" ? send(method, { description: "x" }) : { method };
  const problem = await readProblem(await request(`${WEBHOOKS}/${ABSENT_ID}${rest}`, init));
  expect(problem).toMatchObject({ code: "webhook-not-found", status: 404 });
});

test("an endpoint's id is a UUID, in either case", async ({ expect }) => {
  const { request, id } = open();
  expect((await request(`${WEBHOOKS}/${id.toUpperCase()}`)).status).toBe(200);
  const problem = await readProblem(await request(`${WEBHOOKS}/7`));
  expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter: "id" }] });
});
