import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";

import type { AppContext, AppEnv, Guard } from "./context.ts";
import type { HeaderGroup } from "./response-headers.ts";
import { createInputReader, type Input } from "./validation.ts";

/** A contract, as `createRoute` gives it. */
export interface Route extends RouteConfig {
  getRoutingPath(): string;
  /** Headers of all its answers; `deprecate` gives them. */
  readonly deprecationHeaders?: HeaderGroup;
}

export type Handler<R extends RouteConfig> = (c: AppContext, input: Input<R>) => Response | Promise<Response>;

/**
 * Adds an operation to the API: its contract to the document, and one handler that lets the guards refuse, then checks
 * the inputs, then does the work. Hono's own chain of asynchronous middleware costs more than all of these checks.
 */
export function addOperation<R extends Route>(
  app: OpenAPIHono<AppEnv>,
  route: R,
  handle: Handler<R>,
  guards: readonly Guard[] = [],
): void {
  const { deprecationHeaders, ...contract }: Route = route;
  app.openAPIRegistry.registerPath(contract);
  const template = route.getRoutingPath();
  const read = createInputReader<R>(route.request);
  app.on(route.method.toUpperCase(), template, (c): Response | Promise<Response> => {
    c.env.route = template;
    if (deprecationHeaders !== undefined) c.env.headerGroups.push(deprecationHeaders);
    const refusal = runGuards(guards, c);
    if (refusal instanceof Promise) return refusal.then((found) => found ?? handle(c, read(c)));
    return refusal ?? handle(c, read(c));
  });
}

/** The first refusal of the guards from a place on; waits only for guards that do. */
function runGuards(guards: readonly Guard[], c: AppContext, from = 0): ReturnType<Guard> {
  for (let at = from; at < guards.length; at++) {
    const outcome = guards[at]?.(c) ?? null;
    if (outcome instanceof Promise) return outcome.then((refusal) => refusal ?? runGuards(guards, c, at + 1));
    if (outcome !== null) return outcome;
  }
  return null;
}
