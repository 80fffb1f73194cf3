import type { HeaderGroup } from "./response-headers.ts";

/** The end of an operation, announced. */
export interface Deprecation {
  /** From when on it should not be used any more. */
  readonly since: Date;
  /** When it will be gone. */
  readonly sunset: Date;
  /** Page that tells what to use instead. */
  readonly guide: string;
}

/**
 * Marks an operation, in the one place where it is defined: its responses carry `Deprecation` (RFC 9745), `Sunset`
 * (RFC 8594) and a link to the guide, and the OpenAPI document says the same. Use: `createRoute(deprecate({ … }, { … }))`.
 */
export function deprecate<const Route extends { readonly description: string }>(route: Route, end: Deprecation) {
  const { since, sunset, guide } = end;
  const notice = `Deprecated since ${dayOf(since)}, gone after ${dayOf(sunset)}: see ${guide}.`;
  const deprecationHeaders: HeaderGroup = {
    Deprecation: `@${Math.floor(since.getTime() / 1_000)}`,
    Sunset: sunset.toUTCString(),
    Link: `<${guide}>; rel="deprecation"; type="text/html"`,
  };
  return { ...route, deprecated: true, description: `${route.description} ${notice}`, deprecationHeaders };
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
