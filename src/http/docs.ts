import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppContext, AppEnv, AssetFetcher } from "./context.ts";
import { documented } from "./documented.ts";
import { emptyResponse, jsonResponse, problemResponses, textResponse } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import { problemResponse } from "./problem.ts";
import { respond } from "./respond.ts";
import { type HeaderGroup, TAGGED_CACHE_CONTROL } from "./response-headers.ts";
import { refuseQuery } from "./validation.ts";

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

/** Content-Type of every file of the reference page; `tools/assets/build.ts` provides exactly these. */
export const DOCS_FILES: Readonly<Record<string, string>> = {
  "icon.svg": "image/svg+xml",
  "answer.js": SCRIPT,
  "commands.js": SCRIPT,
  "copy.js": SCRIPT,
  "curl.js": SCRIPT,
  "form.js": SCRIPT,
  "init.js": SCRIPT,
  "request.js": SCRIPT,
  "send.js": SCRIPT,
  "try-it.js": SCRIPT,
  "base.css": STYLE,
  "controls.css": STYLE,
  "page.css": STYLE,
  "LICENSE.txt": TEXT,
};

/** The page runs our own files only and talks to our own origin only; nobody may frame it. */
const DOCS_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const conditions = documented(() =>
  z.object({
    "If-None-Match": z
      .string()
      .optional()
      .openapi({ description: "`ETag` of the copy that you have.", example: '"5f2a"' }),
  }),
);

const shared = { tags: ["Documentation"], security: [] };
const notModified = documented(() => ({ 304: emptyResponse("Your copy is up to date.", ["ETag"]) }));

const openapiRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  request: { headers: conditions },
  ...documented(() => ({
    ...shared,
    operationId: "getOpenapiDocument",
    summary: "Get the OpenAPI document",
    description: "Returns this document.",
    responses: {
      200: jsonResponse(
        z.looseObject({
          openapi: z.string().openapi({ description: "Version of the OpenAPI specification.", example: "3.1.0" }),
        }),
        "The OpenAPI 3.1 document of this API.",
        { headers: ["ETag"] },
      ),
      ...notModified,
      ...problemResponses(["validation-failed", "internal-error"]),
    },
  })),
});

const docsRoute = createRoute({
  method: "get",
  path: "/docs",
  request: { headers: conditions },
  ...documented(() => ({
    ...shared,
    operationId: "getDocs",
    summary: "Get the reference page",
    description: "Returns an interactive reference of this API, for people.",
    responses: {
      200: textResponse(["text/html"], "The reference page.", ["ETag"]),
      ...notModified,
      ...problemResponses(["validation-failed", "internal-error"]),
    },
  })),
});

const docsFileRoute = createRoute({
  method: "get",
  path: "/docs/{file}",
  request: {
    headers: conditions,
    params: z.object({
      file: z
        .string()
        .openapi({ param: { name: "file", in: "path" }, description: "Name of the file.", example: "init.js" }),
    }),
  },
  ...documented(() => ({
    ...shared,
    operationId: "getDocsFile",
    summary: "Get a file of the reference page",
    description: "Returns a script, style, icon or licence of the reference page.",
    responses: {
      200: textResponse([...new Set(Object.values(DOCS_FILES).map(mediaTypeOf))], "The file.", ["ETag"]),
      ...notModified,
      ...problemResponses(["validation-failed", "route-not-found", "internal-error"]),
    },
  })),
});

/** Every file has a tag, and is revalidated at each use. */
const FILE: HeaderGroup = { "Cache-Control": TAGGED_CACHE_CONTROL };
const PAGE: HeaderGroup = { ...FILE, "Content-Security-Policy": DOCS_CSP };

/** The OpenAPI document and the page that shows it, both made at build time. */
export function registerDocs(app: OpenAPIHono<AppEnv>, assets: AssetFetcher): void {
  const serve = async (c: AppContext, path: string, contentType: string, kind: HeaderGroup): Promise<Response> => {
    const asset = await assets.fetch(path, c.req.header("If-None-Match"));
    const isUnchanged = asset.status === 304;
    // Every file is on a fixed list: one that is not there was left out of the deployment.
    if (!asset.ok && !isUnchanged) throw new Error(`Asset ${path} answered ${asset.status}`);
    const entityTag = asset.headers.get("ETag");
    const own: [string, string][] = entityTag === null ? [] : [["ETag", entityTag]];
    return isUnchanged
      ? respond(c, 304, null, kind, own)
      : respond(c, 200, asset.body, kind, [...own, ["Content-Type", contentType]]);
  };

  addOperation(app, openapiRoute, (c) => serve(c, "/openapi.json", "application/json", FILE), [refuseQuery]);

  addOperation(app, docsRoute, (c) => serve(c, "/docs/index.html", "text/html; charset=utf-8", PAGE), [refuseQuery]);

  addOperation(
    app,
    docsFileRoute,
    (c, { params: { file } }) => {
      const contentType = Object.hasOwn(DOCS_FILES, file) ? DOCS_FILES[file] : undefined;
      if (contentType === undefined) return problemResponse(c, "route-not-found");
      return serve(c, `/docs/${file}`, contentType, FILE);
    },
    [refuseQuery],
  );
}

function mediaTypeOf(contentType: string): string {
  return contentType.split(";", 1).join();
}
