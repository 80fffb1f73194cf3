import { verifyWebhook } from "./verify-webhook.ts";

export type { CallOptions, ChangeOptions } from "./call-options.ts";
export { createUsersClient } from "./client.ts";
export {
  isProblem,
  type ProblemError,
  UsersApiError,
  UsersNetworkError,
  type WebhookRefusal,
  WebhookVerificationError,
} from "./errors.ts";
export type {
  CreatedUser,
  FollowedEvent,
  InputError,
  Problem,
  TaggedUser,
  TaggedWebhook,
  User,
  UserEvent,
  UserEventPage,
  UserEventQuery,
  UserInput,
  UserPage,
  UserPatch,
  UserQuery,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookEvent,
  WebhookInput,
  WebhookPatch,
  WebhookTestEvent,
  WebhookWithSecret,
} from "./models.ts";
export type { RetryOptions, TokenSource, UsersClientOptions } from "./options.ts";
export { PROBLEM_CODES, type ProblemCode } from "./problem-codes.ts";
export type { CreateOptions, ModifyOptions, UsersClient } from "./users-client.ts";
export type { ReceivedWebhook } from "./verify-webhook.ts";
export type { WebhooksClient } from "./webhooks-client.ts";

/** For whoever receives webhooks, and needs no client for it. */
export const webhooks = { verify: verifyWebhook } as const;
