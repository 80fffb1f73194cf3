import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { html } from "hono/html";

import type { AppEnv } from "./context.ts";
import { documented } from "./documented.ts";
import { problemResponses, textResponse } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import { isProblemCode, PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";
import { problemResponse } from "./problem.ts";
import { respond } from "./respond.ts";
import type { HeaderGroup } from "./response-headers.ts";
import { refuseQuery } from "./validation.ts";

const problemPageRoute = createRoute({
  method: "get",
  path: "/problems/{code}",
  request: {
    params: z.object({
      code: z.string().openapi({
        param: { name: "code", in: "path" },
        description: "Last part of the problem's `type`.",
        example: "user-not-found",
      }),
    }),
  },
  ...documented(() => ({
    operationId: "getProblemPage",
    summary: "Explain a problem type",
    description: "The page that the `type` of an error response points to: what it means and what to do.",
    tags: ["Documentation"],
    security: [],
    responses: {
      200: textResponse(["text/html"], "What the problem type means."),
      ...problemResponses(["validation-failed", "route-not-found", "internal-error"]),
    },
  })),
});

const PAGE: HeaderGroup = {
  "Content-Type": "text/html; charset=UTF-8",
  "Cache-Control": "no-cache",
  Vary: "Accept-Encoding",
  /** Nothing but the style and the icon of the reference page may load. */
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'",
};

export function registerProblemPages(app: OpenAPIHono<AppEnv>): void {
  addOperation(
    app,
    problemPageRoute,
    async (c, { params: { code } }) => {
      if (!isProblemCode(code)) return problemResponse(c, "route-not-found");
      return respond(c, 200, String(await renderPage(code)), PAGE);
    },
    [refuseQuery],
  );
}

function renderPage(code: ProblemCode) {
  const { title, status, detail, remedy } = PROBLEM_TYPES[code];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/docs/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/docs/base.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <dl>
            <dt>Type</dt>
            <dd><code>/problems/${code}</code></dd>
            <dt>Status</dt>
            <dd>${status}</dd>
            <dt>What it means</dt>
            <dd>${detail}</dd>
            <dt>What to do</dt>
            <dd>${remedy}</dd>
          </dl>
          <p><a href="/docs">API documentation</a></p>
        </main>
      </body>
    </html>`;
}
