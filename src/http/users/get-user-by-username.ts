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
import { toUserJson, usernameParams, userSchema } from "./schemas.ts";

const getUserByUsernameRoute = createRoute({
  method: "get",
  path: `${USERS_PATH}/username/{username}`,
  request: { params: usernameParams, query: noQuery, headers: ifNoneMatchHeaders },
  ...documented(() => ({
    operationId: "getUserByUsername",
    summary: "Get a user by username",
    description:
      "Returns the user with this username; upper and lower case do not differ. Needs the scope `users:read`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      200: jsonResponse(userSchema, "The user.", { headers: ["ETag"], examples: ["user"] }),
      304: emptyResponse("Your copy is up to date.", ["ETag"]),
      ...problemResponses([...COMMON_PROBLEMS, "user-not-found"]),
    },
  })),
});

export function registerGetUserByUsername(app: OpenAPIHono<AppEnv>, { users, guards }: UserRoutesOptions): void {
  addOperation(
    app,
    getUserByUsernameRoute,
    async (c, { params }) => respondWithEntity(c, await users.getByUsername(params.username, c.env), toUserJson),
    guards("users:read"),
  );
}
