import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { emptyResponse, jsonResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { COMMON_PROBLEMS, SECURITY, type UserGuards } from "./guards.ts";
import { describeState } from "./representation.ts";
import { ifNoneMatchHeaders } from "./request-headers.ts";
import { idParams, toUserBody, userSchema } from "./schemas.ts";

const getUserById = (guards: UserGuards) =>
  createRoute({
    method: "get",
    path: "/id/{id}",
    operationId: "getUserById",
    summary: "Get a user by id",
    description: "Returns the user with this id. Needs the scope `users:read`.",
    tags: ["Users"],
    security: SECURITY,
    middleware: guards("users:read"),
    request: { params: idParams, query: noQuery, headers: ifNoneMatchHeaders },
    responses: {
      200: jsonResponse(userSchema, "The user.", { headers: ["ETag"], examples: ["user"] }),
      304: emptyResponse("Your copy is up to date.", ["ETag"]),
      ...problemResponses([...COMMON_PROBLEMS, "user-not-found"]),
    },
  });

export function registerGetUserById(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(getUserById(guards), async (c) => {
    const user = await c.get("services").users.getById(c.req.valid("param").id);
    if (describeState(c, user)) return c.body(null, 304);
    return c.json(toUserBody(user), 200);
  });
}
