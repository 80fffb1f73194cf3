import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { emptyResponse, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respondWithEntity } from "../representation.ts";
import { ifNoneMatchHeaders } from "../request-headers.ts";
import { noQuery } from "../validation.ts";
import type { UserRoutesOptions } from "./options.ts";
import { USERS_PATH } from "./representation.ts";
import { toUserJson, userIdParams, userSchema } from "./schemas.ts";

const getUserByIdRoute = createRoute({
  method: "get",
  path: `${USERS_PATH}/id/{id}`,
  request: { params: userIdParams, query: noQuery, headers: ifNoneMatchHeaders },
  ...documented(() => ({
    operationId: "getUserById",
    summary: "Get a user by id",
    description: "Returns the user with this id. Needs the scope `users:read`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      200: jsonResponse(userSchema, "The user.", { headers: ["ETag"], examples: ["user"] }),
      304: emptyResponse("Your copy is up to date.", ["ETag"]),
      ...problemResponses([...COMMON_PROBLEMS, "user-not-found"]),
    },
  })),
});

export function registerGetUserById(app: OpenAPIHono<AppEnv>, { users, guards }: UserRoutesOptions): void {
  addOperation(
    app,
    getUserByIdRoute,
    async (c, { params }) => respondWithEntity(c, await users.getById(params.id, c.env), toUserJson),
    guards("users:read"),
  );
}
