import type { Context } from "hono";

import type { Deadline } from "../resilience/deadline.ts";
import type { RequestScope } from "./request-scope.ts";

/** Limits how often one key may do something; the platform's binding or a fake. */
export interface RateLimiter {
  /** False when the key has used up its share of the current period. Settles by the deadline. */
  allow(key: string, deadline: Deadline): Promise<boolean>;
}

/** Serves files of the reference page and the OpenAPI document; the platform's static assets or a fake. */
export interface AssetFetcher {
  /** Answers 304 when `ifNoneMatch`, the request's header, names the file's present `ETag`. */
  fetch(path: string, ifNoneMatch: string | undefined): Promise<Response>;
}

/** Hono hands the request's scope on as it does bindings: `c.env`. */
export interface AppEnv {
  Bindings: RequestScope;
}

export type AppContext = Context<AppEnv>;

/** One check before an operation: null lets the request pass, a response ends it. Runs in the order of a list, each once. */
export type Guard = (c: AppContext) => Response | null | Promise<Response | null>;

/**
 * The client's address as Cloudflare saw it; never taken from a header that clients can set themselves. Of an IPv6
 * address only the network counts: whoever has one address there has 2^64 of them (RFC 4291 section 2.5.1).
 */
export function clientAddress(c: AppContext): string {
  const address = c.env.headers.get("CF-Connecting-IP") ?? "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(":") ? `${ipv6Network(address)}::/64` : address;
}

/** The first four of the eight groups, one spelling for each network. */
function ipv6Network(address: string): string {
  const [head = [], tail = []] = address.split("::", 2).map((part) => (part === "" ? [] : part.split(":")));
  const missing = address.includes("::") ? 8 - head.length - tail.length : 0;
  const groups = [...head, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...tail];
  const network = groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
  return network.join(":");
}
