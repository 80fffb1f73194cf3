export const ENDPOINT_STATUSES = ["enabled", "disabled"] as const;

export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/**
 * Why nothing is sent to an endpoint: its owner wants it so (`manual`), it answered 410 (`gone`), or it has failed for days
 * (`failing`).
 */
export type DisabledReason = "manual" | "gone" | "failing";

export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;

/** `dead`: given up, until somebody asks for it again. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const DELIVERY_FAILURES = [
  "http-status",
  "redirected",
  "timed-out",
  "connection-failed",
  "address-refused",
  "name-unresolved",
  "event-expired",
] as const;

/**
 * Why an attempt failed; never a text of the receiver. `http-status`: the status that stands beside it, which is not 2xx.
 * `redirected`: a 3xx, which is not followed. `address-refused`: the URL, or what its name resolves to, is not on the public
 * internet. `event-expired`: the event has been removed because of its age before it could be sent.
 */
export type DeliveryFailure = (typeof DELIVERY_FAILURES)[number];

/** The type of the event that a test sends; it is about no user. */
export const TEST_EVENT_TYPE = "webhook.test";

/** The events Worker as the API knows it, over a service binding. */
export interface EventsService {
  /** Says that there may be something to send, and waits for nothing: what it then does fails without anybody noticing here. */
  nudge(): Promise<unknown>;
}
