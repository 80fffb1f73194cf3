import { describe, test } from "vitest";

import type { AssetFetcher } from "../../src/http/context.ts";
import { DOCS_FILES } from "../../src/http/docs.ts";
import { createTestApp } from "../support/test-app.ts";

const ENTITY_TAG = '"a-file"';

/** Has every file, all in one state; records what it was asked for. */
function createFakeAssets(): AssetFetcher & { readonly paths: string[] } {
  const paths: string[] = [];
  return {
    paths,
    async fetch(path, ifNoneMatch) {
      paths.push(path);
      const headers = { ETag: ENTITY_TAG, "Content-Type": "application/octet-stream" };
      if (ifNoneMatch === ENTITY_TAG) return new Response(null, { status: 304, headers });
      return new Response(`content of ${path}`, { headers });
    },
  };
}

const SERVED = {
  "/openapi.json": { asset: "/openapi.json", type: "application/json" },
  "/docs": { asset: "/docs/index.html", type: "text/html; charset=utf-8" },
  ...Object.fromEntries(
    Object.entries(DOCS_FILES).map(([file, type]) => [`/docs/${file}`, { asset: `/docs/${file}`, type }]),
  ),
};

describe("documentation", () => {
  for (const [path, { asset, type }] of Object.entries(SERVED)) {
    test(`${path} is served with its type, to be revalidated at each use`, async ({ expect }) => {
      const assets = createFakeAssets();
      const response = await createTestApp({ assets }).request(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(`content of ${asset}`);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-type": type,
        "cache-control": "private, no-cache, no-transform",
        etag: ENTITY_TAG,
        "x-content-type-options": "nosniff",
        "x-version-id": "test-version",
        "x-request-id": expect.stringMatching(/./),
        "strict-transport-security": expect.stringContaining("max-age"),
      });
      expect(assets.paths).toEqual([asset]);
    });
  }

  test("answers 304 without a body to a client whose copy is up to date", async ({ expect }) => {
    const app = createTestApp({ assets: createFakeAssets() });
    const response = await app.request("/openapi.json", { headers: { "If-None-Match": ENTITY_TAG } });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe("");
    expect(response.headers.get("ETag")).toBe(ENTITY_TAG);
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache, no-transform");
    expect(response.headers.get("Content-Type")).toBeNull();
  });

  test("answers HEAD as it answers GET, without the body", async ({ expect }) => {
    const response = await createTestApp({ assets: createFakeAssets() }).request("/docs", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
  });

  test("lets the page load and call this origin only, and the document nothing", async ({ expect }) => {
    const app = createTestApp({ assets: createFakeAssets() });
    const policyOf = async (path: string) => (await app.request(path)).headers.get("Content-Security-Policy");
    const policy = await policyOf("/docs");
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(await policyOf("/openapi.json")).toMatch(/^default-src 'none'; frame-ancestors 'none'$/);
  });

  for (const path of [
    "/docs/",
    "/docs/index.html",
    "/docs/toString",
    "/docs/nothing.js",
    "/docs/init.js/",
    "/docs/..%2fopenapi.json",
  ]) {
    test(`${path} is not found, without a look at the assets`, async ({ expect }) => {
      const assets = createFakeAssets();
      const response = await createTestApp({ assets }).request(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ type: "/problems/route-not-found", status: 404 });
      expect(assets.paths).toEqual([]);
    });
  }

  test("admits a fault of its own when a file was left out of the deployment", async ({ expect }) => {
    const assets: AssetFetcher = { fetch: async () => new Response("no such file", { status: 404 }) };
    const response = await createTestApp({ assets }).request("/docs");
    expect(response.status).toBe(500);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ type: "/problems/internal-error" });
  });
});
