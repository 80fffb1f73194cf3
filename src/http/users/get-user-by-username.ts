import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { emptyResponse, jsonResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { COMMON_PROBLEMS, SECURITY, type UserGuards } from "./guards.ts";
import { describeState } from "./representation.ts";
import { ifNoneMatchHeaders } from "./request-headers.ts";
import { toUserBody, usernameParams, userSchema } from "./schemas.ts";

const getUserByUsername = (guards: UserGuards) =>
  createRoute({
    method: "get",
    path: "/username/{username}",
    operationId: "getUserByUsername",
    summary: "Get a user by username",
    description:
      "Returns the user with this username; upper and lower case do not differ. Needs the scope `users:read`.",
    tags: ["Users"],
    security: SECURITY,
    middleware: guards("users:read"),
    request: { params: usernameParams, query: noQuery, headers: ifNoneMatchHeaders },
    responses: {
      200: jsonResponse(userSchema, "The user.", { headers: ["ETag"], examples: ["user"] }),
      304: emptyResponse("Your copy is up to date.", ["ETag"]),
      ...problemResponses([...COMMON_PROBLEMS, "user-not-found"]),
    },
  });

export function registerGetUserByUsername(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(getUserByUsername(guards), async (c) => {
    const user = await c.get("services").users.getByUsername(c.req.valid("param").username);
    if (describeState(c, user)) return c.body(null, 304);
    return c.json(toUserBody(user), 200);
  });
}
