import { z } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import { USER_EVENT_TYPES, type UserEvent } from "../../models/user-event.ts";
import { documented } from "../documented.ts";
import { userSchema } from "../users/schemas.ts";
import { CURSOR_TEXT } from "../users/texts.ts";

const uuid = (description: string, example: string) =>
  z.string().openapi({ description, format: "uuid", maxLength: 36, example });

export const userEventSchema = documented(() =>
  z
    .strictObject({
      id: uuid(
        "UUID version 7 of the event: the same however often it is read.",
        "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
      ),
      type: z.enum(USER_EVENT_TYPES).openapi({ description: "What happened." }),
      occurred_at: z.string().openapi({
        description: "When it happened, by the clock of the database (RFC 3339, UTC).",
        format: "date-time",
        maxLength: 24,
        example: "2026-01-31T12:00:00.000Z",
      }),
      user_id: uuid("Id of the user that it happened to.", "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10"),
      user_version: z
        .int()
        .min(1)
        .max(2_147_483_647)
        .openapi({ description: "1 for a new user, and one more with each event of this user.", format: "int32" }),
      user: z.union([userSchema, z.null()]).openapi({
        description:
          "The user right after it; null for a deletion, and in all events of a user who has been deleted since.",
      }),
    })
    .openapi("UserEvent", { description: "A change of a user." }),
);

export const userEventPageSchema = documented(() =>
  z
    .strictObject({
      data: z.array(userEventSchema).max(PAGE_LIMIT.max).openapi({ description: "The events, in their order." }),
      next_cursor: z.string().openapi({
        description:
          "Give it as `cursor` to read on. There always is one: at the end of the feed it leads to what happens later.",
        ...CURSOR_TEXT,
      }),
    })
    .openapi("UserEventPage", { description: "A part of the feed of events." }),
);

export const userEventStreamSchema = documented(() =>
  z.string().openapi({
    description:
      "Server-Sent Events, without end until the service or the client ends it; `data` of each is a UserEvent.",
  }),
);

export type UserEventBody = z.infer<typeof userEventSchema>;
export type UserEventPageBody = z.infer<typeof userEventPageSchema>;

/** The public shape of an event. */
export function toEventBody(event: UserEvent): UserEventBody {
  const { eventId, type, occurredAt, userId, userVersion, payload } = event;
  return {
    id: eventId,
    type,
    occurred_at: occurredAt.toISOString(),
    user_id: userId,
    user_version: userVersion,
    user: payload,
  };
}
