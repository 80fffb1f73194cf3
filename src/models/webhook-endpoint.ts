import type { CallContext } from "./call-context.ts";
import type { Page, PagePosition } from "./page.ts";
import type { UserEventType } from "./user-event.ts";
import type { ExpectedVersions } from "./user.ts";
import type { DeliveryFailure, DeliveryState, DisabledReason, EndpointStatus } from "./webhook.ts";

/** Characters of a description. */
export const MAX_DESCRIPTION_LENGTH = 200;

/** Endpoints of one deployment. Each gets every event, so that more of them are more work for each change. */
export const MAX_ENDPOINTS = 50;

/** A place that events are sent to, without the secrets that they are signed with. */
export interface WebhookEndpoint {
  /** UUID version 7, lower case. */
  readonly id: string;
  /** As URLs are written in their normal form, at most `MAX_WEBHOOK_URL_LENGTH` characters. */
  readonly url: string;
  readonly description: string | null;
  /** What is sent; none means all types, also those to come. */
  readonly eventTypes: readonly UserEventType[];
  readonly status: EndpointStatus;
  /** Null exactly while it is enabled. */
  readonly disabledReason: DisabledReason | null;
  /** Until then the secret before the last rotation signs, too; null where there was none. May be past. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Starts at 1 and grows by one with each change of the above; the entity tag is made from it. */
  readonly version: number;
}

/** An endpoint with what is told once. */
export interface EndpointWithSecret extends WebhookEndpoint {
  /** `whsec_` and the key in base64, as Standard Webhooks has it. */
  readonly secret: string;
}

export interface NewWebhookEndpoint extends EndpointWithSecret {
  /** Id of the principal that makes it. */
  readonly createdBy: string;
}

/** What a client gives to create an endpoint; what is absent is nothing, or all. */
export interface WebhookInput {
  readonly url: string;
  readonly description?: string | null | undefined;
  readonly eventTypes?: readonly UserEventType[] | undefined;
}

/** What a client may change; an absent field is kept. */
export interface WebhookPatch extends Omit<WebhookInput, "url"> {
  readonly url?: string | undefined;
  readonly status?: EndpointStatus | undefined;
}

/** The changes of one update, checked, with the time at which they were made. */
export interface WebhookChange extends WebhookPatch {
  readonly updatedAt: Date;
}

/** A new secret. */
export interface SecretRotation {
  readonly secret: string;
  readonly rotatedAt: Date;
  /** Until then the present secret signs, too, unless an older one still does until a time of its own. */
  readonly previousSecretUntil: Date;
}

/** The sending of one event to one endpoint. */
export interface WebhookDelivery {
  /** That of the event; a test has one of its own. */
  readonly eventId: string;
  readonly eventType: string;
  /** Id of the user; that of the event for a test, which is about nobody. */
  readonly subjectId: string;
  readonly state: DeliveryState;
  /** Those that are over. */
  readonly attempts: number;
  /** Not to be tried before; null unless it is pending. */
  readonly dueAt: Date | null;
  /** HTTP status of the last answer; null when there was none. */
  readonly lastStatus: number | null;
  readonly lastError: DeliveryFailure | null;
  readonly lastAttemptAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly createdAt: Date;
}

/** Which deliveries of an endpoint to list, newest first. */
export interface DeliveryQuery {
  /** Null for all. */
  readonly state: DeliveryState | null;
  /** Deliveries at most. */
  readonly limit: number;
  /** Start behind this position; with the newest when null. */
  readonly after: PagePosition | null;
}

/** An event that is made up to try an endpoint. */
export interface TestEvent {
  readonly eventId: string;
  readonly createdAt: Date;
}

/**
 * Where endpoints are kept, and what was sent to them. Each method is one atomic statement, hence one round trip, and fails
 * with an `AppError`: with `database-unavailable`, `deadline-exceeded` or `internal-error`, or as it says.
 */
export interface WebhookRepository {
  /** Adds the endpoint. Fails with `webhook-limit-reached` where there are `limit` already; those that are added at the same
   * time may be as many more. */
  insert(endpoint: NewWebhookEndpoint, limit: number, context: CallContext): Promise<void>;
  findById(id: string, context: CallContext): Promise<WebhookEndpoint | null>;
  /** All of them, newest first. */
  list(context: CallContext): Promise<readonly WebhookEndpoint[]>;
  /** Changes the endpoint with this id and an expected version; null when there is none. Enabling it forgets its failures. */
  update(
    id: string,
    change: WebhookChange,
    expected: ExpectedVersions,
    context: CallContext,
  ): Promise<WebhookEndpoint | null>;
  /** Removes the endpoint with this id and an expected version, and its deliveries; false when there is none. */
  delete(id: string, expected: ExpectedVersions, context: CallContext): Promise<boolean>;
  /** Gives the endpoint a new secret; null when there is no such endpoint. */
  rotateSecret(id: string, rotation: SecretRotation, context: CallContext): Promise<WebhookEndpoint | null>;
  /** Leaves the event to be sent. Fails with `webhook-not-found`, or `webhook-disabled` where nothing is sent. */
  queueTest(id: string, test: TestEvent, context: CallContext): Promise<void>;
  /** Fails with `webhook-not-found`. */
  listDeliveries(id: string, query: DeliveryQuery, context: CallContext): Promise<Page<WebhookDelivery>>;
}
