import type { FeatureFlags } from "../../flags/feature-flags.ts";
import type { Guards } from "../guards.ts";
import type { EventSocketOptions } from "./event-sockets.ts";
import type { EventStreamOptions } from "./stream-user-events.ts";

/** What the operation on events is made of. */
export interface UserEventRoutesOptions extends EventStreamOptions, EventSocketOptions {
  readonly guards: Guards;
  readonly flags: Pick<FeatureFlags, "isOn">;
}
