import type { OpenAPIHono } from "@hono/zod-openapi";
import { METHOD_NAME_ALL } from "hono/router";

import type { AppEnv } from "./context.ts";
import { problemResponse } from "./problem.ts";

/**
 * Answers the methods that a known path does not have: OPTIONS with 204, others with 405, both with `Allow`
 * (RFC 9110 sections 9.3.7 and 15.5.6). Call it after all routes are registered; Hono alone would say 404.
 */
export function registerMethodFallback(app: OpenAPIHono<AppEnv>): void {
  const methodsByPath = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === METHOD_NAME_ALL) continue;
    const methods = methodsByPath.get(path) ?? new Set();
    methodsByPath.set(path, methods.add(method));
  }
  for (const [path, methods] of methodsByPath) {
    const allow = describeAllowed(methods);
    app.all(path, (c) => {
      if (c.req.method === "OPTIONS") return c.body(null, 204, { Allow: allow });
      return problemResponse(c, "method-not-allowed", { headers: { Allow: allow } });
    });
  }
}

function describeAllowed(methods: ReadonlySet<string>): string {
  const implied = methods.has("GET") ? ["HEAD", "OPTIONS"] : ["OPTIONS"];
  return [...methods, ...implied].toSorted().join(", ");
}
