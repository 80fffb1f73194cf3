import { z } from "@hono/zod-openapi";

import { USER_EVENT_TYPES, type EventFilter, type EventQuery } from "../../models/user-event.ts";
import { documented } from "../documented.ts";
import { uuidText } from "../id-params.ts";
import { limitQuery } from "../limit-query.ts";
import { InvalidRequestError } from "../problem.ts";
import { CURSOR_TEXT } from "../users/texts.ts";
import type { EventCursorCodec } from "./cursor.ts";

const STARTS = ["oldest", "now"] as const;

export const eventQuery = z.strictObject({
  limit: limitQuery("How many events a page holds at most; of no meaning to a stream."),
  cursor: z
    .string()
    .optional()
    .openapi({
      param: { name: "cursor", in: "query" },
      description: "Where to continue: `next_cursor` of the page before, or the `id` of a stream's event.",
      ...CURSOR_TEXT,
    }),
  from: z
    .enum(STARTS, { error: `Give one of ${STARTS.join(", ")}.` })
    .optional()
    .openapi({
      param: { name: "from", in: "query" },
      description: "Where to begin, without a cursor: with the oldest event that is kept, or with those to come.",
      default: "oldest",
      example: "oldest",
    }),
  type: z
    .enum(USER_EVENT_TYPES, { error: `Give one of ${USER_EVENT_TYPES.join(", ")}.` })
    .optional()
    .openapi({ param: { name: "type", in: "query" }, description: "Only events of this type." }),
  user_id: uuidText.optional().openapi({
    param: { name: "user_id", in: "query" },
    description: "Only events of this user.",
    format: "uuid",
    maxLength: 36,
  }),
});

export const lastEventIdHeaders = documented(() =>
  z.object({
    "Last-Event-ID": z
      .string()
      .optional()
      .openapi({
        description:
          "Where a stream continues: the `id` of the last event. Browsers send it by themselves; it goes before `cursor` and `from`.",
        ...CURSOR_TEXT,
      }),
  }),
);

export type EventQueryInput = z.infer<typeof eventQuery>;

export function toEventFilter({ type, user_id: userId }: EventQueryInput): EventFilter {
  return { type: type ?? null, userId: userId ?? null };
}

/**
 * Where to begin. Fails with `invalid-cursor`.
 * @param lastEventId of a stream that is continued; null or empty otherwise
 * @throws InvalidRequestError when the query says it twice
 */
export async function readStart(
  { cursor, from, ...query }: EventQueryInput,
  lastEventId: string | null,
  cursors: EventCursorCodec,
): Promise<EventQuery["after"]> {
  if (cursor !== undefined && from !== undefined) throw new InvalidRequestError([START_TWICE]);
  const place = lastEventId === null || lastEventId === "" ? cursor : lastEventId;
  return place === undefined ? (from ?? "oldest") : await cursors.decode(place, toEventFilter(query));
}

const START_TWICE = { parameter: "from", code: "invalid_format", detail: "Give either from or cursor." } as const;
