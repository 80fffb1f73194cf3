import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { BODY_PROBLEMS, CHANGE_PROBLEMS, COMMON_PROBLEMS, MERGE_PATCH_BODY, SECURITY } from "../guards.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { entityTag, ENTITY_JSON, readPrecondition } from "../representation.ts";
import { ifMatchHeaders } from "../request-headers.ts";
import { respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import type { UserRoutesOptions } from "./options.ts";
import { USERS_PATH } from "./representation.ts";
import { userIdParams, toUserJson, updateUserSchema, userSchema } from "./schemas.ts";

const PATCHES = exampleRefs(["change-email", "change-nothing"]);

const updateUserRoute = createRoute({
  method: "patch",
  path: `${USERS_PATH}/id/{id}`,
  request: {
    headers: ifMatchHeaders,
    params: userIdParams,
    query: noQuery,
    body: {
      required: true,
      description: "The changes.",
      content: {
        "application/merge-patch+json": { schema: updateUserSchema, ...PATCHES },
        "application/json": { schema: updateUserSchema, ...PATCHES },
      },
    },
  },
  ...documented(() => ({
    operationId: "updateUser",
    summary: "Change a user",
    description:
      "Changes the given fields and keeps the others (JSON Merge Patch). An empty patch returns the user unchanged. With `If-Match`, nothing is changed unless the user is in that state. Needs the scope `users:write`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      200: jsonResponse(userSchema, "The user after the change.", { headers: ["ETag"], examples: ["user"] }),
      ...problemResponses([
        ...COMMON_PROBLEMS,
        ...CHANGE_PROBLEMS,
        ...BODY_PROBLEMS,
        "user-not-found",
        "username-taken",
        "email-taken",
        "precondition-failed",
        "precondition-required",
      ]),
    },
  })),
});

export function registerUpdateUser(app: OpenAPIHono<AppEnv>, { users, guards, changes }: UserRoutesOptions): void {
  addOperation(
    app,
    updateUserRoute,
    async (c, { params: { id }, body: { username, email, full_name: fullName } }) => {
      const precondition = readPrecondition(c, id, { isRequired: changes.requireIfMatch });
      const user = await users.update(id, { username, email, fullName }, precondition, c.env);
      return respond(c, 200, toUserJson(user), ENTITY_JSON, [["ETag", entityTag(user)]]);
    },
    guards("users:write", MERGE_PATCH_BODY),
  );
}
