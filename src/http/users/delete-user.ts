import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { CHANGE_PROBLEMS, COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { emptyResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { readPrecondition } from "../representation.ts";
import { ifMatchHeaders } from "../request-headers.ts";
import { NO_CONTENT, respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import type { UserRoutesOptions } from "./options.ts";
import { USERS_PATH } from "./representation.ts";
import { userIdParams } from "./schemas.ts";

const deleteUserRoute = createRoute({
  method: "delete",
  path: `${USERS_PATH}/id/{id}`,
  request: { headers: ifMatchHeaders, params: userIdParams, query: noQuery },
  ...documented(() => ({
    operationId: "deleteUser",
    summary: "Delete a user",
    description:
      "Removes the user. Repeating it is harmless: the answer is the same when there is no such user. With `If-Match`, nothing is removed unless the user is in that state. Needs the scope `users:write`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      204: emptyResponse("There is no such user any more."),
      ...problemResponses([...COMMON_PROBLEMS, ...CHANGE_PROBLEMS, "precondition-failed", "precondition-required"]),
    },
  })),
});

export function registerDeleteUser(app: OpenAPIHono<AppEnv>, { users, guards, changes }: UserRoutesOptions): void {
  addOperation(
    app,
    deleteUserRoute,
    async (c, { params: { id } }) => {
      const precondition = readPrecondition(c, id, { isRequired: changes.requireIfMatch });
      await users.delete(id, precondition, c.env);
      return respond(c, 204, null, NO_CONTENT);
    },
    guards("users:write"),
  );
}
