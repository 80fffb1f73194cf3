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

/** The user that a creation made, in its first state. */
export interface CreatedUser extends TaggedUser {
  /** Whether this is the answer of an earlier request with the same key. */
  readonly replayed: boolean;
}
