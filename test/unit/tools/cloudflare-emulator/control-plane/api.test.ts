import { afterEach, beforeEach, describe, test } from "vitest";

import { ACCOUNT, type Api, createApi, uploadForm, uploadVersions } from "./api.ts";

let api: Api;

beforeEach(() => {
  api = createApi();
});

afterEach(() => api.remove());

describe("the API", () => {
  test("refuses a wrong token, before anything else", async ({ expect }) => {
    for (const target of ["scripts/worker/versions", "/user/tokens/verify", "/nothing"]) {
      expect(await api.call("GET", target, { token: "wrong" })).toMatchObject({ status: 401, errors: [10_000] });
    }
    expect((await api.call("GET", "/user/tokens/verify")).result).toMatchObject({ status: "active" });
  });

  test("refuses another account", async ({ expect }) => {
    const target = `/accounts/${"f".repeat(32)}/workers/scripts`;
    expect(await api.call("GET", target)).toMatchObject({ status: 404, errors: [7_003] });
  });

  test("names an endpoint that it does not know, in the answer and in the log", async ({ expect }) => {
    for (const [method, target] of [
      ["GET", "scripts/worker/brand-new"],
      ["DELETE", "subdomain"],
    ] as const) {
      const outcome = await api.call(method, target);
      const name = `${method} /accounts/${ACCOUNT}/workers/${target}`;
      expect(outcome).toMatchObject({ status: 404, errors: [7_000] });
      expect(JSON.stringify(outcome.payload)).toContain(name);
      expect(api.logs.some((line) => line.includes(name))).toBe(true);
    }
  });

  test("answers in Cloudflare's envelope, and lists end after their page", async ({ expect }) => {
    const { payload } = await api.call("GET", "/accounts?page=1");
    expect(payload).toEqual({
      success: true,
      errors: [],
      messages: [],
      result: [expect.objectContaining({ id: ACCOUNT })],
      result_info: { page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 },
    });
    const failure = await api.call("GET", "services/worker");
    expect(failure.payload).toMatchObject({ success: false, errors: [{ code: 10_007 }], result: null });
  });

  test("says that a mistake of its own is one", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    api.dataPlane.remove = () => Promise.reject(new Error("a mistake"));
    expect(await api.call("DELETE", "services/worker")).toMatchObject({ status: 500, errors: [10_013] });
    expect(api.logs.join()).toContain("a mistake");
  });

  test("tells newer versions of wrangler about the Worker", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    await api.call("POST", "scripts/worker/subdomain", { json: { enabled: true, previews_enabled: false } });
    expect((await api.call("GET", "workers/worker")).result).toEqual({
      id: api.script("worker").tag,
      name: "worker",
      subdomain: { enabled: true, previews_enabled: false, url: "https://worker.emulator.workers.dev" },
    });
  });

  test("tells who uses a Worker before it is deleted", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    const bindings = [{ name: "API", type: "service", service: "worker" }];
    await api.call("PUT", "scripts/caller", { form: uploadForm({ bindings }) });
    expect((await api.call("GET", "scripts/worker/references")).result).toMatchObject({
      services: { incoming: [{ service: "caller" }] },
    });
  });
});

describe("triggers", () => {
  beforeEach(async () => {
    await uploadVersions(api, [{}]);
  });

  test("hold at once, without a new version", async ({ expect }) => {
    await api.call("POST", "scripts/worker/subdomain", { json: { enabled: true } });
    await api.call("PUT", "scripts/worker/schedules", { json: [{ cron: "*/5 * * * *" }] });
    await api.call("PUT", "scripts/worker/domains/records", { json: { origins: [{ hostname: "api.example.com" }] } });
    expect(api.dataPlane.published.get("worker")).toMatchObject({
      hasWorkersDev: true,
      hasPreviewUrls: true,
      crons: ["*/5 * * * *"],
      customDomains: ["api.example.com"],
    });
    expect(api.script("worker").versions).toHaveLength(1);
    expect((await api.call("GET", "scripts/worker/schedules")).result).toEqual({
      schedules: [{ cron: "*/5 * * * *" }],
    });
    expect((await api.call("GET", "scripts/worker/subdomain")).result).toEqual({
      enabled: true,
      previews_enabled: true,
    });
  });

  test("a route for a whole host leads to the Worker, and its zone knows it", async ({ expect }) => {
    const json = [{ pattern: "www.example.com/*", zone_name: "example.com" }, { pattern: "example.com/part/*" }];
    expect((await api.call("PUT", "scripts/worker/routes", { json })).status).toBe(200);
    expect(api.dataPlane.published.get("worker")?.customDomains).toEqual(["www.example.com"]);
    expect(api.script("worker").customDomains).toEqual([]);
    const { result } = await api.call("GET", "/zones?name=example.com");
    const id = Array.isArray(result) ? result[0].id : "";
    expect((await api.call("GET", `/zones/${id}/workers/routes`)).result).toEqual([
      { pattern: "www.example.com/*", script: "worker" },
      { pattern: "example.com/part/*", script: "worker" },
    ]);
  });

  test("a cron that cannot be read changes nothing", async ({ expect }) => {
    const outcome = await api.call("PUT", "scripts/worker/schedules", { json: [{ cron: "* * * * *" }, { cron: "x" }] });
    expect(outcome).toMatchObject({ status: 400, errors: [10_100] });
    expect(api.script("worker").crons).toEqual([]);
  });
});

describe("static assets", () => {
  const HASH = "0123456789abcdef0123456789abcdef";
  const begin = (manifest: object) => api.call("POST", "scripts/worker/assets-upload-session", { json: { manifest } });
  const send = (token: string, hash: string, content: string) => {
    const form = new FormData();
    form.set(hash, new File([Buffer.from(content).toString("base64")], hash, { type: "text/plain" }));
    return api.call("POST", "assets/upload?base64=true", { form, token });
  };
  const readSession = (value: unknown): { jwt: string; buckets: string[][] } => {
    const { jwt, buckets } = Object.fromEntries(Object.entries(value ?? {}));
    return { jwt, buckets };
  };
  const PAGE = { "/docs/page.txt": { hash: HASH, size: 5 } };

  test("are asked for once, then known by their hash", async ({ expect }) => {
    const session = readSession((await begin(PAGE)).result);
    expect(session.buckets).toEqual([[HASH]]);
    const completed = await send(session.jwt, HASH, "hello");
    expect(completed).toMatchObject({ status: 201, result: { jwt: expect.any(String) } });
    expect(readSession((await begin(PAGE)).result).buckets).toEqual([]);
  });

  test("belong to the version that names their upload, or keeps those of the version before", async ({ expect }) => {
    const { jwt } = readSession((await begin(PAGE)).result);
    await send(jwt, HASH, "hello");
    const config = { html_handling: "none" };
    await uploadVersions(api, [{ assets: { jwt, config } }, { keep_assets: true }, {}]);
    const [first, kept, none] = api.script("worker").versions;
    expect(first?.assets?.config).toEqual(config);
    expect(kept?.assets).toEqual(first?.assets);
    expect(none?.assets).toBeNull();
  });

  test("that are wrong are refused", async ({ expect }) => {
    const { jwt } = readSession((await begin(PAGE)).result);
    expect((await send("forged", HASH, "hello")).errors).toEqual([10_000]);
    expect((await send(jwt, HASH, "longer than announced")).errors).toEqual([10_400]);
    expect((await send(jwt, HASH.replace("0", "1"), "hello")).errors).toEqual([10_400]);
    expect((await begin({ "/../up.txt": { hash: HASH, size: 1 } })).errors).toEqual([10_400]);
    expect((await begin({ "/a.txt": { hash: "x", size: 1 } })).errors).toEqual([10_400]);
    const unfinished = await api.call("PUT", "scripts/worker", { form: uploadForm({ assets: { jwt } }) });
    expect(unfinished.errors).toEqual([10_400]);
    await send(jwt, HASH, "hello");
    const foreign = await api.call("PUT", "scripts/other", { form: uploadForm({ assets: { jwt } }) });
    expect(foreign.errors).toEqual([10_400]);
  });
});
