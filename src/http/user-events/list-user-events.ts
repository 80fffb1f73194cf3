import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import { toEventBody } from "../../models/user-event-body.ts";
import type { EventQuery } from "../../models/user-event.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { documented } from "../documented.ts";
import { COMMON_PROBLEMS, SECURITY } from "../guards.ts";
import { chooseMediaType, JSON_ONLY } from "../middleware/negotiation.ts";
import { emptyResponse, jsonResponse, problemResponses } from "../openapi.ts";
import { addOperation } from "../operation.ts";
import { problemResponse } from "../problem.ts";
import { LIST_JSON, nextLink } from "../representation.ts";
import { respond } from "../respond.ts";
import { type HeaderGroup, TAGGED_CACHE_CONTROL } from "../response-headers.ts";
import { openEventSocket, wantsSocket } from "./event-sockets.ts";
import type { UserEventRoutesOptions } from "./options.ts";
import { eventQuery, lastEventIdHeaders, readStart, toEventFilter } from "./query.ts";
import { userEventPageSchema, userEventStreamSchema } from "./schemas.ts";
import { openEventStream } from "./stream-user-events.ts";

const EVENT_STREAM = "text/event-stream";
const FORMATS = ["application/json", EVENT_STREAM] as const;

const STREAM_FLAG = "users-events-stream";
const STREAMS_ARE_OFF = "Streams are switched off at present: follow the pages, by accepting application/json.";

/** Nothing on the way may keep or compress what has to arrive at once. */
const STREAM_HEADERS: HeaderGroup = {
  "Content-Type": EVENT_STREAM,
  "Cache-Control": TAGGED_CACHE_CONTROL,
  Vary: "Accept, Authorization, X-API-Key",
};

const page = documented(() =>
  jsonResponse(userEventPageSchema, "A part of the feed, or the feed as a stream.", {
    headers: ["Link"],
    examples: ["events", "no-events"],
  }),
);

const withStream = ({ content, ...rest }: typeof page) => ({
  ...rest,
  content: { ...content, [EVENT_STREAM]: { schema: userEventStreamSchema } },
});

const listUserEventsRoute = createRoute({
  method: "get",
  path: "/api/v1/users/events",
  request: { query: eventQuery, headers: lastEventIdHeaders },
  ...documented(() => ({
    operationId: "listUserEvents",
    summary: "Follow the changes of users",
    description:
      'Returns what happened to users, in an order in which those of one user stand as they happened. A walk along `next_cursor` sees every event exactly once. There always is a `next_cursor`: at the end of the feed, where a page holds fewer events than its limit, it leads to what happens later, so that one can go on asking. Events are kept for a limited time. With `Accept: text/event-stream` the same feed comes as Server-Sent Events: the `id` of each is its cursor, `event` its type, `data` the event. Such a stream ends by itself after some minutes; clients then come again with `Last-Event-ID`, as browsers do by themselves, and miss nothing. A request to upgrade to a WebSocket gets the same feed as messages, each a JSON object: `cursor`, and `event` where something has happened. Such a client says `{"received":N}`, the number of events that have arrived, and at most 256 are sent that it has not said so of; the guide to events has the rest. Operators may switch streams and WebSockets off, for all callers or some: whoever accepts JSON too then gets a page, whoever does not, or wants a WebSocket, `not-acceptable`. Needs the scope `users:read`.',
    tags: ["Users"],
    security: SECURITY,
    responses: {
      101: emptyResponse("The feed as a WebSocket, for a request to upgrade to one."),
      200: withStream(page),
      ...problemResponses([...COMMON_PROBLEMS, "invalid-cursor", "cursor-expired"]),
    },
  })),
});

export function registerListUserEvents(app: OpenAPIHono<AppEnv>, options: UserEventRoutesOptions): void {
  const { userEvents, eventCursors, guards, flags } = options;

  const respondWithPage = async (c: AppContext, query: EventQuery): Promise<Response> => {
    const { items, next, isAtEnd } = await userEvents.read(query, c.env);
    const nextCursor = await eventCursors.encode(next, query.filter);
    const body = JSON.stringify({ data: items.map(toEventBody), next_cursor: nextCursor });
    return respond(c, 200, body, LIST_JSON, isAtEnd ? [] : nextLink(c, nextCursor));
  };

  /** The first page is read before the answer begins, so that a refusal can still be one. */
  const respondWithStream = async (c: AppContext, query: EventQuery): Promise<Response> => {
    const first = await userEvents.read(query, c.env);
    const body = c.env.method === "HEAD" ? null : openEventStream(c.env, query, first, options);
    return respond(c, 200, body, STREAM_HEADERS);
  };

  addOperation(
    app,
    listUserEventsRoute,
    async (c, { query }) => {
      if (wantsSocket(c)) {
        const [filter, after] = [toEventFilter(query), await readStart(query, null, eventCursors)];
        return await openEventSocket(c, { filter, limit: 1, after }, await flags.isOn(STREAM_FLAG, c.env), options);
      }
      const accept = c.env.headers.get("Accept");
      const wantsStream = chooseMediaType(accept, FORMATS) === EVENT_STREAM;
      const isStream = wantsStream && (await flags.isOn(STREAM_FLAG, c.env));
      if (wantsStream && !isStream && chooseMediaType(accept, JSON_ONLY) === null)
        return problemResponse(c, "not-acceptable", { detail: STREAMS_ARE_OFF });
      const lastEventId = wantsStream ? c.env.headers.get("Last-Event-ID") : null;
      const [filter, after] = [toEventFilter(query), await readStart(query, lastEventId, eventCursors)];
      return isStream
        ? await respondWithStream(c, { filter, limit: PAGE_LIMIT.max, after })
        : await respondWithPage(c, { filter, limit: query.limit ?? PAGE_LIMIT.default, after });
    },
    guards("users:read", undefined, FORMATS),
  );
}
