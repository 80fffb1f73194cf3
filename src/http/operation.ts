import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";

import type { AppContext, AppEnv, Guard } from "./context.ts";
import type { HeaderGroup } from "./response-headers.ts";
import { createInputReader, type Input } from "./validation.ts";

/** A contract, as `createRoute` gives it. */
export interface Route extends RouteConfig {
  getRoutingPath(): string;
  /** Headers of all its answers; `deprecate` gives them. */
  readonly announcement?: HeaderGroup;
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
  const { announcement, ...contract }: Route = route;
  app.openAPIRegistry.registerPath(contract);
  const template = route.getRoutingPath();
  const read = createInputReader<R>(route.request);
  app.on(route.method.toUpperCase(), template, async (c) => {
    c.env.route = template;
    if (announcement !== undefined) c.env.headerGroups.push(announcement);
    for (const guard of guards) {
      const outcome = guard(c);
      const refusal = outcome instanceof Promise ? await outcome : outcome;
      if (refusal !== null) return refusal;
    }
    return await handle(c, read(c));
  });
}
