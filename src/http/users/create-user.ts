import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { ANONYMOUS } from "../../models/principal.ts";
import type { UserInput } from "../../models/user.ts";
import type { UserService } from "../../services/user-service.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { parseIdempotencyKey } from "../idempotency-key.ts";
import { exampleRefs, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { respond } from "../respond.ts";
import { noQuery } from "../validation.ts";
import { BODY_PROBLEMS, COMMON_PROBLEMS, JSON_BODY, SECURITY } from "./guards.ts";
import type { UserRoutesOptions } from "./options.ts";
import { entityTag, USER_JSON, userPath, USERS_PATH } from "./representation.ts";
import { idempotencyHeaders } from "./request-headers.ts";
import { createUserSchema, toUserJson, userSchema } from "./schemas.ts";

const createUser = createRoute({
  method: "post",
  path: USERS_PATH,
  operationId: "createUser",
  summary: "Create a user",
  description:
    "Adds a user. Usernames and email addresses are unique, whatever their case. With an `Idempotency-Key`, repeating the request repeats its answer. Needs the scope `users:write`.",
  tags: ["Users"],
  security: SECURITY,
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

export function registerCreateUser(app: OpenAPIHono<AppEnv>, { users, guards }: UserRoutesOptions): void {
  addOperation(
    app,
    createUser,
    async (c, { body: { username, email, full_name: fullName } }) => {
      const input = { username, email, fullName };
      const key = parseIdempotencyKey(c.env.headers.get("Idempotency-Key"));
      if (key !== null) return await createOnce(c, users, input, key);
      const user = await users.create(input, c.env);
      return respond(c, 201, toUserJson(user), USER_JSON, createdHeaders(user.id));
    },
    guards("users:write", JSON_BODY),
  );
}

async function createOnce(c: AppContext, users: UserService, input: UserInput, key: string): Promise<Response> {
  const { id: caller } = c.env.principal ?? ANONYMOUS;
  const requestHash = await hash(JSON.stringify([input.username, input.email, input.fullName]));
  const keyed = { caller, key, requestHash, status: 201, render: toUserJson };
  const { status, response, isReplay } = await users.createOnce(input, keyed, c.env);
  const { id }: { readonly id: string } = JSON.parse(response);
  const own = createdHeaders(id);
  if (isReplay) own.push(["Idempotent-Replayed", "true"]);
  return respond(c, status, response, USER_JSON, own);
}

function createdHeaders(id: string): [name: string, value: string][] {
  return [
    ["ETag", entityTag({ id, version: 1 })],
    ["Location", userPath(id)],
  ];
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
