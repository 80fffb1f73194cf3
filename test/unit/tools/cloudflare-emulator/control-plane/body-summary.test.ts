import { describe, test } from "vitest";

import { summarizeBody } from "../../../../../tools/cloudflare-emulator/control-plane/admin/body-summary.ts";
import { uploadForm } from "./api.ts";

const ofJson = (value: unknown) =>
  summarizeBody(new Headers({ "content-type": "application/json" }), Buffer.from(JSON.stringify(value)));

describe("the summary of a body", () => {
  test("tells what an upload was", async ({ expect }) => {
    const bindings = [
      { name: "TOKEN", type: "secret_text", text: "hush" },
      { name: "A", type: "plain_text", text: "hush" },
      { name: "B", type: "json", json: { name: "hush" } },
      { name: "KEY", type: "secret_key", key_jwk: { name: "hush" } },
      { name: "LIMIT", type: "ratelimit", namespace_id: "1", simple: { limit: 10, period: 60 } },
    ];
    const form = uploadForm({ bindings, annotations: { "workers/tag": "abc" }, assets: { jwt: "hush" } });
    const request = new Request("http://emulator", { method: "POST", body: form });
    const summary = await summarizeBody(request.headers, Buffer.from(await request.arrayBuffer()));
    expect(summary).toMatchObject({
      metadata: {
        main_module: "index.js",
        annotations: { "workers/tag": "abc" },
        bindings: [
          { name: "TOKEN", type: "secret_text", text: "(string)" },
          { name: "A", text: "(string)" },
          { name: "B", json: "(object)" },
          { name: "KEY", key_jwk: "(object)" },
          { simple: { limit: 10, period: 60 } },
        ],
      },
      "index.js": { bytes: 17 },
    });
    expect(JSON.stringify(summary)).not.toContain("hush");
  });

  test("tells what a deployment was", async ({ expect }) => {
    const deployment = {
      strategy: "percentage",
      versions: [{ version_id: "v", percentage: 10 }],
      annotations: { "workers/message": "x".repeat(1_000) },
    };
    expect(await ofJson(deployment)).toEqual({
      ...deployment,
      annotations: { "workers/message": "x".repeat(200) },
    });
  });

  test.for([
    { name: "TOKEN", text: "hush", type: "secret_text" },
    { name: "TOKEN", txet: "hush" },
    { secrets: { TOKEN: { name: "TOKEN", text: "hush" }, OTHER: "hush", LIST: ["hush"] } },
    { env: { TOKEN: { type: "secret_text", text: "hush" } } },
    { env: "hush-no-map", secrets: null },
    [["hush"]],
    "hush",
    { value: ["hush"], nested: { name: "hush" } },
  ])("shows no value of %j, right or wrong as it is", async (body, { expect }) => {
    const summary = JSON.stringify(await ofJson(body));
    expect(summary).not.toMatch(/hush(?!-no-map)/);
  });

  test("names the secrets", async ({ expect }) => {
    expect(await ofJson({ env: { TOKEN: { type: "secret_text", text: "x" }, GONE: null } })).toEqual({
      env: { TOKEN: { type: "secret_text", text: "(string)" }, GONE: null },
    });
  });

  test("is null for nothing and a size for what cannot be read", async ({ expect }) => {
    expect(await summarizeBody(new Headers(), Buffer.alloc(0))).toBeNull();
    expect(await summarizeBody(new Headers(), Buffer.from("hush{"))).toEqual({ bytes: 5 });
    const form = new Headers({ "content-type": "multipart/form-data; boundary=x" });
    expect(await summarizeBody(form, Buffer.from("hush"))).toEqual({ bytes: 4 });
  });
});
