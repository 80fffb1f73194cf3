import type { components, operations } from "./schema.ts";

/** A user, as the API describes it. */
export type User = components["schemas"]["User"];
/** The data of a new user. */
export type UserInput = components["schemas"]["CreateUser"];
/** The fields of a user to change; absent fields are kept. */
export type UserPatch = components["schemas"]["UpdateUser"];
/** One page of users; `next_cursor` is null on the last one. */
export type UserPage = components["schemas"]["UserPage"];
/** Order, filters, page size and start of a list of users. */
export type UserQuery = NonNullable<operations["listUsers"]["parameters"]["query"]>;
/** A change of a user. */
export type UserEvent = components["schemas"]["UserEvent"];
/** A part of the feed of events; there always is a `next_cursor`. */
export type UserEventPage = components["schemas"]["UserEventPage"];
/** Filters, page size and start of the feed. */
export type UserEventQuery = NonNullable<operations["listUserEvents"]["parameters"]["query"]>;
/** An endpoint that events are sent to. */
export type Webhook = components["schemas"]["Webhook"];
/** An endpoint with its secret, as a creation and a rotation tell it. */
export type WebhookWithSecret = components["schemas"]["WebhookWithSecret"];
/** The data of a new endpoint. */
export type WebhookInput = components["schemas"]["CreateWebhook"];
/** The fields of an endpoint to change; absent fields are kept. */
export type WebhookPatch = components["schemas"]["UpdateWebhook"];
/** The sending of one event to one endpoint. */
export type WebhookDelivery = components["schemas"]["WebhookDelivery"];
/** One page of deliveries; `next_cursor` is null on the last one. */
export type WebhookDeliveryPage = components["schemas"]["WebhookDeliveryPage"];
/** State, page size and start of a list of deliveries. */
export type WebhookDeliveryQuery = NonNullable<operations["listWebhookDeliveries"]["parameters"]["query"]>;
/** What an endpoint is sent to try it. */
export type WebhookTestEvent = components["schemas"]["WebhookTestEvent"];
/** What an endpoint is sent; `type` tells which of them it is. */
export type WebhookEvent = UserEvent | WebhookTestEvent;
/** An error of the API (RFC 9457). */
export type Problem = components["schemas"]["Problem"];
/** One rejected input of a problem. */
export type InputError = components["schemas"]["InputError"];

/** An event with the place behind it; whoever keeps the cursor can go on from there later, as another process, too. */
export interface FollowedEvent {
  readonly event: UserEvent;
  readonly cursor: string;
}

/** A user in one of its states. */
export interface TaggedUser {
  readonly user: User;
  /** Names this state; give it as `ifMatch` to change or delete the user only while it is in this state. */
  readonly etag: string;
}

/** An endpoint in one of its states. */
export interface TaggedWebhook {
  readonly webhook: Webhook;
  /** Names this state; give it as `ifMatch` to change or delete the endpoint only while it is in this state. */
  readonly etag: string;
}

/** The user that a creation made, in its first state. */
export interface CreatedUser extends TaggedUser {
  /** Whether this is the answer of an earlier request with the same key. */
  readonly replayed: boolean;
}
