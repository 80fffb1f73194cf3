import type { CallContext } from "../models/call-context.ts";
import { AppError } from "../models/errors.ts";
import type { Page } from "../models/page.ts";
import type { Precondition } from "../models/precondition.ts";
import { USER_EVENT_TYPES, type UserEventType } from "../models/user-event.ts";
import {
  MAX_ENDPOINTS,
  type DeliveryQuery,
  type EndpointWithSecret,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookInput,
  type WebhookPatch,
  type WebhookRepository,
} from "../models/webhook-endpoint.ts";
import {
  findUrlRefusal,
  MAX_WEBHOOK_URL_LENGTH,
  WEBHOOK_PORTS,
  type UrlRefusal,
  type UrlRules,
} from "../models/webhook-url.ts";
import { TEST_EVENT_TYPE } from "../models/webhook.ts";
import { expectedVersions, preconditionError, requireVersion } from "./preconditions.ts";

/** What can be done with webhook endpoints. All rules about them are applied here. */
export interface WebhookService {
  /** The only time but a rotation that a secret is told. Fails with `webhook-url-refused` or `webhook-limit-reached`. */
  create(input: WebhookInput, createdBy: string, context: CallContext): Promise<EndpointWithSecret>;
  /** All of them, newest first. */
  list(context: CallContext): Promise<readonly WebhookEndpoint[]>;
  /** Fails with `webhook-not-found`. */
  getById(id: string, context: CallContext): Promise<WebhookEndpoint>;
  /** An empty patch returns the endpoint unchanged. Fails with `webhook-url-refused`, `webhook-not-found`,
   * `precondition-failed` or `precondition-required`. */
  update(id: string, patch: WebhookPatch, precondition: Precondition, context: CallContext): Promise<WebhookEndpoint>;
  /** Succeeds also when there is no such endpoint, unless a precondition says otherwise. Fails with `precondition-failed` or
   * `precondition-required`. */
  delete(id: string, precondition: Precondition, context: CallContext): Promise<void>;
  /** Gives it a new secret; the one before signs as well for a day. Fails with `webhook-not-found`. */
  rotateSecret(id: string, context: CallContext): Promise<EndpointWithSecret>;
  /** Has an event sent to it that is about nobody. Fails with `webhook-not-found` or `webhook-disabled`. */
  sendTest(id: string, context: CallContext): Promise<WebhookDelivery>;
  /** Fails with `webhook-not-found`. */
  listDeliveries(id: string, query: DeliveryQuery, context: CallContext): Promise<Page<WebhookDelivery>>;
}

export interface WebhookServiceOptions {
  readonly webhooks: WebhookRepository;
  readonly urlRules: UrlRules;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly newSecret: () => string;
}

/** Long enough to give a new secret to all receivers. */
const ROTATION_MS = 24 * 60 * 60 * 1_000;

const ABSENT = "webhook-not-found";

export function createWebhookService(options: WebhookServiceOptions): WebhookService {
  return { ...createManagement(options), ...createDelivering(options) };
}

type Delivering = Pick<WebhookService, "sendTest" | "listDeliveries">;

/** What is done with endpoints themselves. */
function createManagement(options: WebhookServiceOptions): Omit<WebhookService, keyof Delivering> {
  const { webhooks, urlRules, now, newId, newSecret } = options;
  return {
    async create({ url, description = null, eventTypes = [] }, createdBy, context) {
      const createdAt = now();
      const endpoint: EndpointWithSecret = {
        id: newId(),
        url: acceptUrl(url, urlRules),
        description,
        eventTypes: inOrder(eventTypes),
        status: "enabled",
        disabledReason: null,
        previousSecretUntil: null,
        createdAt,
        updatedAt: createdAt,
        version: 1,
        secret: newSecret(),
      };
      await webhooks.insert({ ...endpoint, createdBy }, MAX_ENDPOINTS, context);
      return endpoint;
    },

    list: (context) => webhooks.list(context),

    getById: async (id, context) => requireEndpoint(await webhooks.findById(id, context)),

    async update(id, { url, description, eventTypes, status }, precondition, context) {
      const change = {
        url: url === undefined ? undefined : acceptUrl(url, urlRules),
        description,
        eventTypes: eventTypes === undefined ? undefined : inOrder(eventTypes),
        status,
      };
      const expected = expectedVersions(precondition);
      const isEmpty = Object.values(change).every((value) => value === undefined);
      if (isEmpty) return requireVersion(await webhooks.findById(id, context), precondition, ABSENT);
      const endpoint = await webhooks.update(id, { ...change, updatedAt: now() }, expected, context);
      if (endpoint === null) throw preconditionError(precondition, ABSENT);
      return endpoint;
    },

    async delete(id, precondition, context) {
      const isDeleted = await webhooks.delete(id, expectedVersions(precondition), context);
      if (precondition !== null && !isDeleted) throw preconditionError(precondition, ABSENT);
    },

    async rotateSecret(id, context) {
      const [secret, rotatedAt] = [newSecret(), now()];
      const previousSecretUntil = new Date(rotatedAt.getTime() + ROTATION_MS);
      const endpoint = await webhooks.rotateSecret(id, { secret, rotatedAt, previousSecretUntil }, context);
      return { ...requireEndpoint(endpoint), secret };
    },
  };
}

/** What is done with what is sent to them. */
function createDelivering({ webhooks, now, newId }: WebhookServiceOptions): Delivering {
  return {
    async sendTest(id, context) {
      const [eventId, createdAt] = [newId(), now()];
      await webhooks.queueTest(id, { eventId, createdAt }, context);
      const event = { eventId, eventType: TEST_EVENT_TYPE, subjectId: eventId, createdAt, dueAt: createdAt };
      return { ...event, state: "pending", attempts: 0, ...NOT_TRIED };
    },

    listDeliveries: (id, query, context) => webhooks.listDeliveries(id, query, context),
  };
}

const NOT_TRIED = { lastStatus: null, lastError: null, lastAttemptAt: null, deliveredAt: null };

function requireEndpoint(endpoint: WebhookEndpoint | null): WebhookEndpoint {
  if (endpoint === null) throw new AppError(ABSENT);
  return endpoint;
}

/** Each once, however often it was named. */
function inOrder(types: readonly UserEventType[]): readonly UserEventType[] {
  return USER_EVENT_TYPES.filter((type) => types.includes(type));
}

/** In its normal form, so that what is sent to is what was looked at. */
function acceptUrl(url: string, rules: UrlRules): string {
  const refusal = findUrlRefusal(url, rules);
  const href = refusal === null ? new URL(url).href : "";
  if (refusal === null && href.length <= MAX_WEBHOOK_URL_LENGTH) return href;
  const detail = URL_HELP[refusal ?? "malformed"];
  throw new AppError("webhook-url-refused", { issues: [{ field: "url", code: "invalid_format", detail }] });
}

const URL_HELP: Readonly<Record<UrlRefusal, string>> = {
  malformed: `Give an absolute URL of at most ${MAX_WEBHOOK_URL_LENGTH} characters.`,
  scheme: "Give an https URL.",
  credentials: "Leave user name and password out of the URL.",
  port: `Use one of the ports ${WEBHOOK_PORTS.join(", ")}.`,
  name: "Give the name of a host on the public internet.",
  address: "Give an address on the public internet.",
};
