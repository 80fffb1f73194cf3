import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { BODY_PROBLEMS, CHANGE_PROBLEMS, COMMON_PROBLEMS, JSON_BODY, SECURITY } from "../guards.ts";
import { createIdempotencyClaim, parseIdempotencyKey } from "../idempotency-key.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { idempotencyHeaders } from "../request-headers.ts";
import { noQuery } from "../validation.ts";
import type { UserRoutesOptions } from "./options.ts";
import { CREATION_RESPONSE, respondWithCreated, respondWithStored, USERS_PATH } from "./representation.ts";
import { createUserSchema, userSchema } from "./schemas.ts";

const createUserRoute = createRoute({
  method: "post",
  path: USERS_PATH,
  request: {
    headers: idempotencyHeaders,
    query: noQuery,
    body: {
      required: true,
      description: "The new user.",
      content: { "application/json": { schema: createUserSchema, ...exampleRefs(["new-user"]) } },
    },
  },
  ...documented(() => ({
    operationId: "createUser",
    summary: "Create a user",
    description:
      "Adds a user. Usernames and email addresses are unique, whatever their case. With an `Idempotency-Key`, repeating the request repeats its answer. Needs the scope `users:write`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      201: jsonResponse(userSchema, "The user was created.", {
        headers: ["Location", "ETag", "Idempotent-Replayed"],
        examples: ["user"],
      }),
      ...problemResponses([
        ...COMMON_PROBLEMS,
        ...CHANGE_PROBLEMS,
        ...BODY_PROBLEMS,
        "username-taken",
        "email-taken",
        "idempotency-key-in-use",
        "idempotency-key-reused",
      ]),
    },
  })),
});

export function registerCreateUser(app: OpenAPIHono<AppEnv>, { users, guards }: UserRoutesOptions): void {
  addOperation(
    app,
    createUserRoute,
    async (c, { body: { username, email, full_name: fullName } }) => {
      const input = { username, email, fullName };
      const key = parseIdempotencyKey(c.env.headers.get("Idempotency-Key"));
      if (key === null) return respondWithCreated(c, await users.create(input, c.env));
      const claim = await createIdempotencyClaim(c, key, [username, email, fullName]);
      return respondWithStored(c, await users.createOnce(input, claim, CREATION_RESPONSE, c.env));
    },
    guards("users:write", JSON_BODY),
  );
}
