import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { ANONYMOUS } from "../../models/principal.ts";
import type { UserInput } from "../../models/user.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { parseIdempotencyKey } from "../idempotency-key.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { noQuery } from "../validation.ts";
import { BODY_PROBLEMS, COMMON_PROBLEMS, JSON_BODY, SECURITY, type UserGuards } from "./guards.ts";
import { entityTag, markPrivate, userPath } from "./representation.ts";
import { idempotencyHeaders } from "./request-headers.ts";
import { createUserSchema, toUserBody, userSchema, type UserBody } from "./schemas.ts";

const createUser = (guards: UserGuards) =>
  createRoute({
    method: "post",
    path: "/",
    operationId: "createUser",
    summary: "Create a user",
    description:
      "Adds a user. Usernames and email addresses are unique, whatever their case. With an `Idempotency-Key`, repeating the request repeats its answer. Needs the scope `users:write`.",
    tags: ["Users"],
    security: SECURITY,
    middleware: guards("users:write", JSON_BODY),
    request: {
      headers: idempotencyHeaders,
      query: noQuery,
      body: {
        required: true,
        description: "The new user.",
        content: { "application/json": { schema: createUserSchema, ...exampleRefs(["new-user"]) } },
      },
    },
    responses: {
      201: jsonResponse(userSchema, "The user was created.", {
        headers: ["Location", "ETag", "Idempotent-Replayed"],
        examples: ["user"],
      }),
      ...problemResponses([
        ...COMMON_PROBLEMS,
        ...BODY_PROBLEMS,
        "username-taken",
        "email-taken",
        "idempotency-key-in-use",
        "idempotency-key-reused",
      ]),
    },
  });

export function registerCreateUser(app: OpenAPIHono<AppEnv>, guards: UserGuards): void {
  app.openapi(createUser(guards), async (c) => {
    const { username, email, full_name: fullName } = c.req.valid("json");
    const input = { username, email, fullName };
    const key = parseIdempotencyKey(c.req.header("Idempotency-Key"));
    const body =
      key === null ? toUserBody(await c.get("services").users.create(input)) : await createOnce(c, key, input);
    markPrivate(c);
    c.header("ETag", entityTag({ id: body.id, version: 1 }));
    c.header("Location", userPath(body.id));
    return c.json(body, 201);
  });
}

async function createOnce(c: AppContext, key: string, input: UserInput): Promise<UserBody> {
  const { id: caller } = c.get("principal") ?? ANONYMOUS;
  const requestHash = await hash(JSON.stringify([input.username, input.email, input.fullName]));
  const { response, isReplay } = await c.get("services").users.createOnce(input, {
    caller,
    key,
    requestHash,
    status: 201,
    render: (user) => JSON.stringify(toUserBody(user)),
  });
  if (isReplay) c.header("Idempotent-Replayed", "true");
  const body: UserBody = JSON.parse(response);
  return body;
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
