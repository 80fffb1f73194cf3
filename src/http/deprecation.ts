import type { MiddlewareHandler } from "hono";

import type { AppEnv } from "./context.ts";

/** The end of an operation, announced. */
export interface Deprecation {
  /** From when on it should not be used any more. */
  readonly since: Date;
  /** When it will be gone. */
  readonly sunset: Date;
  /** Page that tells what to use instead. */
  readonly guide: string;
}

interface DescribedRoute {
  readonly description: string;
  readonly middleware?: MiddlewareHandler<AppEnv> | readonly MiddlewareHandler<AppEnv>[];
}

/**
 * Marks a route, in the one place where it is defined: its responses carry `Deprecation` (RFC 9745), `Sunset`
 * (RFC 8594) and a link to the guide, and the OpenAPI document says the same. Use: `createRoute(deprecate({ … }, { … }))`.
 */
export function deprecate<const Route extends DescribedRoute>(route: Route, deprecation: Deprecation) {
  const { since, sunset, guide } = deprecation;
  const notice = `Deprecated since ${dayOf(since)}, gone after ${dayOf(sunset)}: see ${guide}.`;
  return {
    ...route,
    deprecated: true,
    description: `${route.description} ${notice}`,
    middleware: [announce(deprecation), ...[route.middleware ?? []].flat()],
  };
}

function announce({ since, sunset, guide }: Deprecation): MiddlewareHandler<AppEnv> {
  return async function announceDeprecation(c, next) {
    c.header("Deprecation", `@${Math.floor(since.getTime() / 1_000)}`);
    c.header("Sunset", sunset.toUTCString());
    c.header("Link", `<${guide}>; rel="deprecation"; type="text/html"`, { append: true });
    await next();
  };
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
