import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppContext, AppEnv, AssetFetcher } from "./context.ts";
import { handleNotFound } from "./problem.ts";

const openapiRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getOpenapiDocument",
  summary: "OpenAPI document",
  description: "This document.",
  tags: ["Documentation"],
  security: [],
  responses: {
    200: {
      description: "The OpenAPI 3.1 document of this API.",
      content: { "application/json": { schema: z.object({}).openapi({ description: "An OpenAPI document." }) } },
    },
  },
});

const docsRoute = createRoute({
  method: "get",
  path: "/docs",
  operationId: "getDocs",
  summary: "Reference page",
  description: "Interactive reference of this API, for people.",
  tags: ["Documentation"],
  security: [],
  responses: {
    200: {
      description: "The reference page.",
      content: { "text/html": { schema: z.string().openapi({ example: "<!doctype html>…" }) } },
    },
  },
});

export function registerDocs(app: OpenAPIHono<AppEnv>, assets: AssetFetcher): void {
  app.openAPIRegistry.registerPath(openapiRoute);
  app.get(openapiRoute.path, (c) => serveAsset(c, assets, "/openapi.json"));
  app.openAPIRegistry.registerPath(docsRoute);
  app.get(docsRoute.path, (c) => serveAsset(c, assets, "/docs/index.html"));
}

async function serveAsset(c: AppContext, assets: AssetFetcher, path: string): Promise<Response> {
  const asset = await assets.fetch(path);
  if (!asset.ok) return handleNotFound(c);
  c.header("Content-Type", asset.headers.get("Content-Type") ?? "application/octet-stream");
  c.header("Cache-Control", "no-cache");
  return c.newResponse(asset.body);
}
