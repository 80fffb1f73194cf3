import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { BODY_PROBLEMS, COMMON_PROBLEMS, JSON_BODY, type UserGuards } from "./guards.ts";
import { entityTag, markPrivate, userPath } from "./representation.ts";
import { createUserSchema, toUserBody, userSchema } from "./schemas.ts";

const createUser = (guards: UserGuards) =>
  createRoute({
    method: "post",
    path: "/",
    operationId: "createUser",
    summary: "Create a user",
    description:
      "Adds a user. Usernames and email addresses are unique, whatever their case. Needs the scope `users:write`.",
    tags: ["Users"],
    security: [{ apiKey: [] }],
    middleware: guards("users:write", JSON_BODY),
    request: {
      query: noQuery,
      body: {
        required: true,
        description: "The new user.",
        content: { "application/json": { schema: createUserSchema, ...exampleRefs(["new-user"]) } },
      },
    },
    responses: {
      201: jsonResponse(userSchema, "The user was created.", { headers: ["Location", "ETag"], examples: ["user"] }),
      ...problemResponses([...COMMON_PROBLEMS, ...BODY_PROBLEMS, "username-taken", "email-taken"]),
    },
  });

export function registerCreateUser(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(createUser(guards), async (c) => {
    const { username, email, full_name: fullName } = c.req.valid("json");
    const user = await c.get("services").users.create({ username, email, fullName });
    markPrivate(c);
    c.header("ETag", entityTag(user));
    c.header("Location", userPath(user.id));
    return c.json(toUserBody(user), 201);
  });
}
