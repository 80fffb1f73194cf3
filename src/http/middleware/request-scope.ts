import type { MiddlewareHandler } from "hono";

import type { Deadline } from "../../resilience/deadline.ts";
import type { AppEnv, DatabaseUsage, RequestServices } from "../context.ts";

/** What services are bound to while one request lasts. */
export interface RequestScope {
  readonly requestId: string;
  readonly deadline: Deadline;
  /** Added to by every query. */
  readonly databaseUsage: DatabaseUsage;
}

export interface RequestScopeOptions {
  /** Starts the time that one request may take. */
  readonly startDeadline: () => Deadline;
  readonly createServices: (scope: RequestScope) => RequestServices;
}

/** Starts the request's deadline and binds its services to it. */
export function requestScope({ startDeadline, createServices }: RequestScopeOptions): MiddlewareHandler<AppEnv> {
  return async function requestScope(c, next) {
    const deadline = startDeadline();
    const databaseUsage = c.get("databaseUsage");
    c.set("deadline", deadline);
    c.set("services", createServices({ requestId: c.get("requestId"), deadline, databaseUsage }));
    await next();
  };
}
