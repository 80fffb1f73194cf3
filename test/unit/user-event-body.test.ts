import { test } from "vitest";

import { userEventSchema } from "../../src/http/user-events/schemas.ts";
import { toEventBody } from "../../src/models/user-event-body.ts";
import type { UserEvent } from "../../src/models/user-event.ts";

const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const TIME = "2026-01-31T12:00:00.000Z";

const EVENT: UserEvent = {
  stamp: 1n,
  position: 2n,
  eventId: "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
  type: "user.updated",
  userId: ID,
  userVersion: 2,
  payload: {
    id: ID,
    username: "jdoe",
    email: "jdoe@example.com",
    full_name: "John Doe",
    created_at: TIME,
    updated_at: TIME,
  },
  occurredAt: new Date(TIME),
};

test.for([EVENT, { ...EVENT, type: "user.deleted", payload: null }] as const)(
  "an event is in a webhook what the document says of the feed",
  (event, { expect }) => {
    const body: unknown = JSON.parse(JSON.stringify(toEventBody(event)));
    expect(userEventSchema.parse(body)).toEqual(body);
    expect(Object.keys(Object(body))).toEqual(["id", "type", "occurred_at", "user_id", "user_version", "user"]);
  },
);
