export { createUsersClient } from "./client.ts";
export { isProblem, type ProblemError, UsersApiError, UsersNetworkError } from "./errors.ts";
export type {
  CreatedUser,
  FollowedEvent,
  InputError,
  Problem,
  TaggedUser,
  User,
  UserEvent,
  UserEventPage,
  UserEventQuery,
  UserInput,
  UserPage,
  UserPatch,
  UserQuery,
} from "./models.ts";
export type { RetryOptions, TokenSource, UsersClientOptions } from "./options.ts";
export { PROBLEM_CODES, type ProblemCode } from "./problem-codes.ts";
export type { CallOptions, ChangeOptions, CreateOptions, ModifyOptions, UsersClient } from "./users-client.ts";
