import type { Context } from "hono";

import type { TokenRefusal } from "../auth/token-verifier.ts";
import type { Principal } from "../models/principal.ts";
import type { TraceContext } from "../observability/trace-context.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { HealthService } from "../services/health-service.ts";
import type { UserService } from "../services/user-service.ts";
import type { ProblemCode } from "./problem-registry.ts";

/** What one request may use: services bound to its deadline, and the facts its log event will hold. */
export interface RequestServices {
  readonly users: UserService;
  readonly health: HealthService;
}

/** Database work done for one request. */
export interface DatabaseUsage {
  roundTrips: number;
  /** Milliseconds. */
  durationMs: number;
}

/** Limits how often one key may do something; the platform's binding or a fake. */
export interface RateLimiter {
  /** False when the key has used up its share of the current period. */
  allow(key: string): Promise<boolean>;
}

/** Serves files of the reference page and the OpenAPI document; the platform's static assets or a fake. */
export interface AssetFetcher {
  /** Answers 304 when `ifNoneMatch`, the request's header, names the file's present `ETag`. */
  fetch(path: string, ifNoneMatch: string | undefined): Promise<Response>;
}

export interface AppVariables {
  requestId: string;
  trace: TraceContext;
  /** The time that the request has left. */
  deadline: Deadline;
  services: RequestServices;
  databaseUsage: DatabaseUsage;
  /** Set by authentication. */
  principal?: Principal;
  /** Why a bearer token was refused, for the log; the client learns only that it was. */
  tokenRefusal?: TokenRefusal;
  /** Set by the writer of problems, for the log. */
  problemCode?: ProblemCode;
}

export interface AppEnv {
  Variables: AppVariables;
}

export type AppContext = Context<AppEnv>;

/**
 * The client's address as Cloudflare saw it; never taken from a header that clients can set themselves. Of an IPv6
 * address only the network counts: whoever has one address there has 2^64 of them (RFC 4291 section 2.5.1).
 */
export function clientAddress(c: AppContext): string {
  const address = c.req.header("CF-Connecting-IP") ?? "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(":") ? `${networkOf(address)}::/64` : address;
}

/** The first four of the eight groups, one spelling for each network. */
function networkOf(address: string): string {
  const [head = [], tail = []] = address.split("::", 2).map((part) => (part === "" ? [] : part.split(":")));
  const missing = address.includes("::") ? 8 - head.length - tail.length : 0;
  const groups = [...head, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...tail];
  const network = groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
  return network.join(":");
}
