import type { Context } from "../context.ts";

/** A request for the API, its body read completely. */
export interface ApiCall {
  readonly method: string;
  /** Below the API base, without query: `/accounts/…`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface RoutedCall extends ApiCall {
  /** Decoded value of a `:name` in the route's pattern. */
  param(name: string): string;
}

export interface ApiAnswer {
  /** 200 when absent. */
  readonly status?: number;
  readonly result: unknown;
  /** In the place of the whole envelope: the one thing that Cloudflare answers without it is the value of a key. */
  readonly raw?: Buffer;
  /** For lists that are read page by page. */
  readonly resultInfo?: object;
}

export interface Route {
  readonly method: string;
  /** Segments of the path; `:name` takes one segment. */
  readonly pattern: string;
  /** The upload of assets identifies itself by its session instead of the API token. */
  readonly hasOwnCredentials?: boolean;
  handle(call: RoutedCall, context: Context): ApiAnswer | Promise<ApiAnswer>;
}

export interface RouteMatch {
  readonly route: Route;
  param(name: string): string;
}

/** The first route for a method and path, or null. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | null {
  const segments = path.split("/");
  for (const route of routes) {
    const params = route.method === method ? matchPattern(route.pattern.split("/"), segments) : null;
    if (params !== null) return { route, param: (name) => readParam(params, name) };
  }
  return null;
}

/** One page with everything, which ends wrangler's paging. */
export function wholeList(items: readonly unknown[]): ApiAnswer {
  const count = items.length;
  return {
    result: items,
    resultInfo: { page: 1, per_page: Math.max(count, 20), count, total_count: count, total_pages: 1 },
  };
}

function matchPattern(pattern: readonly string[], segments: readonly string[]): Map<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params = new Map<string, string>();
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith(":")) params.set(expected.slice(1), decode(actual));
    else if (expected !== actual) return null;
  }
  return [...params.values()].includes("") ? null : params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function readParam(params: ReadonlyMap<string, string>, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new Error(`The route has no parameter ${name}`);
  return value;
}
