import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import type { AppEnv } from "../context.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import type { CursorCodec } from "./cursor.ts";
import { COMMON_PROBLEMS, type UserGuards } from "./guards.ts";
import { markPrivate } from "./representation.ts";
import { listQuery, toUserBody, userPageSchema } from "./schemas.ts";

const listUsers = (guards: UserGuards) =>
  createRoute({
    method: "get",
    path: "/",
    operationId: "listUsers",
    summary: "List users",
    description:
      "Returns users, newest first, page by page. A walk along `next_cursor` sees every user that exists throughout exactly once, even while others are added or removed. Needs the scope `users:read`.",
    tags: ["Users"],
    security: [{ apiKey: [] }],
    middleware: guards("users:read"),
    request: { query: listQuery },
    responses: {
      200: jsonResponse(userPageSchema, "One page of users.", { headers: ["Link"], examples: ["page", "last-page"] }),
      ...problemResponses([...COMMON_PROBLEMS, "invalid-cursor"]),
    },
  });

export function registerListUsers(app: OpenAPIHono<AppEnv>, guards: UserGuards, cursors: CursorCodec): void {
  app.openapi(listUsers(guards), async (c) => {
    const { limit = PAGE_LIMIT.default, cursor } = c.req.valid("query");
    const after = cursor === undefined ? null : await cursors.decode(cursor);
    const page = await c.get("services").users.list({ limit, after });
    const nextCursor = page.next === null ? null : await cursors.encode(page.next);
    markPrivate(c);
    if (nextCursor !== null) c.header("Link", `<${c.req.path}?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
    return c.json({ data: page.items.map(toUserBody), next_cursor: nextCursor }, 200);
  });
}
