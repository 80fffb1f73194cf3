import type { OpenAPIHono } from "@hono/zod-openapi";
import { METHOD_NAME_ALL } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

import type { AppContext, AppEnv } from "./context.ts";
import { allowPreflight } from "./middleware/cors.ts";
import { problemResponse } from "./problem.ts";
import { NO_CONTENT, respond } from "./respond.ts";
import type { HeaderGroup } from "./response-headers.ts";

interface KnownPath {
  readonly template: string;
  /** Its methods, as a header. */
  readonly allow: HeaderGroup & { readonly Allow: string };
}

/**
 * Answers what no operation matches. On a known path OPTIONS is 204 and other methods are 405, both with `Allow`
 * (RFC 9110 sections 9.3.7 and 15.5.6); Hono alone would say 404. Make it after all operations are added.
 */
export function createMethodFallback(app: OpenAPIHono<AppEnv>): (c: AppContext) => Response {
  const paths = new TrieRouter<KnownPath>();
  const methodsByPath = Map.groupBy(app.routes, ({ path }) => path);
  for (const [template, routes] of methodsByPath) {
    paths.add(METHOD_NAME_ALL, template, {
      template,
      allow: { Allow: describeAllowed(routes.map(({ method }) => method)) },
    });
  }
  return (c) => {
    const known = paths.match(METHOD_NAME_ALL, c.req.path)[0][0]?.[0];
    if (known === undefined) return problemResponse(c, "route-not-found");
    const { template, allow } = known;
    c.env.route = template;
    if (c.env.method !== "OPTIONS") return problemResponse(c, "method-not-allowed", { headers: allow });
    c.env.headerGroups.push(allow);
    return respond(c, 204, null, NO_CONTENT, allowPreflight(c, allow.Allow));
  };
}

function describeAllowed(methods: readonly string[]): string {
  const implied = methods.includes("GET") ? ["HEAD", "OPTIONS"] : ["OPTIONS"];
  return [...new Set([...methods, ...implied])].toSorted().join(", ");
}
