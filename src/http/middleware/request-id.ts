import type { MiddlewareHandler } from "hono";

import type { AppEnv } from "../context.ts";

const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id: the client's own when it is harmless, else a new one. Echoed in `X-Request-ID`. */
export function requestId({ newId = () => crypto.randomUUID() as string } = {}): MiddlewareHandler<AppEnv> {
  return async function requestId(c, next) {
    const given = c.req.header("X-Request-ID") ?? "";
    const id = SAFE_REQUEST_ID.test(given) ? given : newId();
    c.set("requestId", id);
    c.header("X-Request-ID", id);
    await next();
  };
}
