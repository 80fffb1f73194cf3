import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import type { EventQuery } from "../../models/user-event.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { LIST_JSON, nextLink } from "../representation.ts";
import { respond } from "../respond.ts";
import type { UserEventRoutesOptions } from "./options.ts";
import { eventQuery, readStart, toEventFilter } from "./query.ts";
import { toEventBody, userEventPageSchema } from "./schemas.ts";

const listUserEventsRoute = createRoute({
  method: "get",
  path: "/api/v1/users/events",
  operationId: "listUserEvents",
  summary: "Follow the changes of users",
  description:
    "Returns what happened to users, in an order in which those of one user stand as they happened. A walk along `next_cursor` sees every event exactly once. There always is a `next_cursor`: at the end of the feed, where a page holds fewer events than its limit, it leads to what happens later, so that one can go on asking. Events are kept for a limited time. Needs the scope `users:read`.",
  tags: ["Users"],
  security: SECURITY,
  request: { query: eventQuery },
  responses: {
    200: jsonResponse(userEventPageSchema, "A part of the feed.", {
      headers: ["Link"],
      examples: ["events", "no-events"],
    }),
    ...problemResponses([...COMMON_PROBLEMS, "invalid-cursor", "cursor-expired"]),
  },
});

export function registerListUserEvents(app: OpenAPIHono<AppEnv>, options: UserEventRoutesOptions): void {
  const { userEvents, eventCursors, guards } = options;

  const respondWithPage = async (c: AppContext, query: EventQuery): Promise<Response> => {
    const { items, next, isAtEnd } = await userEvents.read(query, c.env);
    const nextCursor = await eventCursors.encode(next, query.filter);
    const body = JSON.stringify({ data: items.map(toEventBody), next_cursor: nextCursor });
    return respond(c, 200, body, LIST_JSON, isAtEnd ? [] : nextLink(c, nextCursor));
  };

  addOperation(
    app,
    listUserEventsRoute,
    async (c, { query }) => {
      const after = await readStart(query, null, eventCursors);
      return await respondWithPage(c, {
        filter: toEventFilter(query),
        limit: query.limit ?? PAGE_LIMIT.default,
        after,
      });
    },
    guards("users:read"),
  );
}
