import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { COMMON_PROBLEMS, type UserGuards } from "./guards.ts";
import { entityTag, markPrivate } from "./representation.ts";
import { idParams, toUserBody, userSchema } from "./schemas.ts";

const getUserById = (guards: UserGuards) =>
  createRoute({
    method: "get",
    path: "/id/{id}",
    operationId: "getUserById",
    summary: "Get a user by id",
    description: "Returns the user with this id. Needs the scope `users:read`.",
    tags: ["Users"],
    security: [{ apiKey: [] }],
    middleware: guards("users:read"),
    request: { params: idParams, query: noQuery },
    responses: {
      200: jsonResponse(userSchema, "The user.", { headers: ["ETag"], examples: ["user"] }),
      ...problemResponses([...COMMON_PROBLEMS, "user-not-found"]),
    },
  });

export function registerGetUserById(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(getUserById(guards), async (c) => {
    const user = await c.get("services").users.getById(c.req.valid("param").id);
    markPrivate(c);
    c.header("ETag", entityTag(user));
    return c.json(toUserBody(user), 200);
  });
}
