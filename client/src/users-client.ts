import type { CallOptions, ChangeOptions } from "./call-options.ts";
import type {
  CreatedUser,
  FollowedEvent,
  TaggedUser,
  User,
  UserEventPage,
  UserEventQuery,
  UserInput,
  UserPage,
  UserPatch,
  UserQuery,
} from "./models.ts";
import type { WebhooksClient } from "./webhooks-client.ts";

export interface CreateOptions extends CallOptions {
  /**
   * Names this creation, so that sending it again, even from another process, makes no second user. At most 255
   * printable ASCII characters; made anew for each call when absent.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface ModifyOptions extends CallOptions {
  /** How often to start over when another writer was faster: with 10, nine other writers can win. */
  readonly attempts?: number | undefined;
}

/**
 * The users API. Every call rejects with UsersApiError when the answer is an error, and with UsersNetworkError when
 * none arrived; both after the retries that are safe.
 */
export interface UsersClient {
  /** Where events of users are sent. */
  readonly webhooks: WebhooksClient;
  /** Creates a user, once, however often the request has to be sent. Common problems: `username-taken`, `email-taken`. */
  createUser(input: UserInput, options?: CreateOptions): Promise<CreatedUser>;
  /** Rejects with the problem `user-not-found` when there is none. */
  getUser(id: string, options?: CallOptions): Promise<TaggedUser>;
  /** The username in any case. Rejects with the problem `user-not-found` when there is none. */
  getUserByUsername(username: string, options?: CallOptions): Promise<TaggedUser>;
  /** One page. */
  listUsers(query?: UserQuery, options?: CallOptions): Promise<UserPage>;
  /** All users of a list, page by page as the loop asks for them; `limit` is the size of the pages. */
  users(query?: UserQuery, options?: CallOptions): AsyncIterable<User>;
  /** A part of the feed of changes. Rejects with the problem `cursor-expired` where events behind the cursor are gone. */
  listEvents(query?: UserEventQuery, options?: CallOptions): Promise<UserEventPage>;
  /**
   * Follows the feed without end, as a stream that is opened again wherever it breaks: each event comes once, those of a user in
   * order. `cursor` or `from` say where it begins; `signal`, or leaving the loop, ends it. Trouble that may pass is waited for;
   * the loop throws other problems, such as `cursor-expired`, and the signal's reason.
   */
  events(query?: Omit<UserEventQuery, "limit">, options?: CallOptions): AsyncIterable<FollowedEvent>;
  /** Changes the fields of `patch`. Is retried only with `ifMatch`, for another change might have come in between. */
  updateUser(id: string, patch: UserPatch, options?: ChangeOptions): Promise<TaggedUser>;
  /** Deletes the user; succeeds as well when there is none, unless `ifMatch` is given. */
  deleteUser(id: string, options?: ChangeOptions): Promise<void>;
  /**
   * Reads the user, asks `change` what to change, and writes it unless somebody else wrote meanwhile; then starts over.
   * `change` may therefore run several times, on newer and newer users.
   */
  modifyUser(
    id: string,
    change: (user: User) => UserPatch | Promise<UserPatch>,
    options?: ModifyOptions,
  ): Promise<TaggedUser>;
}
