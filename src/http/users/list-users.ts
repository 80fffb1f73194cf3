import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import type { AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { LIST_JSON, nextLink } from "../representation.ts";
import { respond } from "../respond.ts";
import { listQuery, toListScope } from "./list-query.ts";
import type { UserRoutesOptions } from "./options.ts";
import { USERS_PATH } from "./representation.ts";
import { toUserBody, userPageSchema } from "./schemas.ts";

const listUsersRoute = createRoute({
  method: "get",
  path: USERS_PATH,
  request: { query: listQuery },
  ...documented(() => ({
    operationId: "listUsers",
    summary: "List users",
    description:
      "Returns users page by page, newest first unless `sort` says otherwise; all given conditions must hold. A walk along `next_cursor` sees every user that exists throughout exactly once, even while others are added or removed. Needs the scope `users:read`.",
    tags: ["Users"],
    security: SECURITY,
    responses: {
      200: jsonResponse(userPageSchema, "One page of users.", { headers: ["Link"], examples: ["page", "last-page"] }),
      ...problemResponses([...COMMON_PROBLEMS, "invalid-cursor"]),
    },
  })),
});

export function registerListUsers(app: OpenAPIHono<AppEnv>, { users, guards, cursors }: UserRoutesOptions): void {
  addOperation(
    app,
    listUsersRoute,
    async (c, { query: { limit = PAGE_LIMIT.default, cursor, ...query } }) => {
      const scope = toListScope(query);
      const after = cursor === undefined ? null : await cursors.decode(cursor, scope);
      const page = await users.list({ ...scope, limit, after }, c.env);
      const nextCursor = page.next === null ? null : await cursors.encode(page.next, scope);
      const body = JSON.stringify({ data: page.items.map(toUserBody), next_cursor: nextCursor });
      return respond(c, 200, body, LIST_JSON, nextCursor === null ? [] : nextLink(c, nextCursor));
    },
    guards("users:read"),
  );
}
