import type { UserEventService } from "../../services/user-event-service.ts";
import type { Guards } from "../guards.ts";
import type { EventCursorCodec } from "./cursor.ts";

/** What the operation on events is made of. */
export interface UserEventRoutesOptions {
  readonly userEvents: UserEventService;
  readonly eventCursors: EventCursorCodec;
  readonly guards: Guards;
}
