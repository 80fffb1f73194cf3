import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { emptyResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { COMMON_PROBLEMS, type UserGuards } from "./guards.ts";
import { idParams } from "./schemas.ts";

const deleteUser = (guards: UserGuards) =>
  createRoute({
    method: "delete",
    path: "/id/{id}",
    operationId: "deleteUser",
    summary: "Delete a user",
    description:
      "Removes the user. Repeating it is harmless: the answer is the same when there is no such user. Needs the scope `users:write`.",
    tags: ["Users"],
    security: [{ apiKey: [] }],
    middleware: guards("users:write"),
    request: { params: idParams, query: noQuery },
    responses: { 204: emptyResponse("There is no such user any more."), ...problemResponses(COMMON_PROBLEMS) },
  });

export function registerDeleteUser(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(deleteUser(guards), async (c) => {
    await c.get("services").users.delete(c.req.valid("param").id);
    return c.body(null, 204);
  });
}
