import { AppError } from "../../src/models/errors.ts";
import { toPage, type PagePosition } from "../../src/models/page.ts";
import type { ExpectedVersions } from "../../src/models/user.ts";
import type {
  NewWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookRepository,
} from "../../src/models/webhook-endpoint.ts";
import { TEST_EVENT_TYPE } from "../../src/models/webhook.ts";

/** A row: an endpoint with what is kept of its secrets. */
export type StoredWebhook = NewWebhookEndpoint & { readonly previousSecret: string | null };

/** Endpoints in memory. The contract suite holds it to the behaviour of the PostgreSQL repository. */
export interface FakeWebhookRepository extends WebhookRepository {
  /** With its secrets; undefined when there is none. */
  stored(id: string): StoredWebhook | undefined;
  /** What the events Worker leaves. */
  addDelivery(id: string, delivery: WebhookDelivery): void;
}

export function createFakeWebhookRepository(initial: readonly NewWebhookEndpoint[] = []): FakeWebhookRepository {
  const endpoints = new Map<string, StoredWebhook>();
  const deliveries = new Map<string, WebhookDelivery[]>();
  for (const endpoint of initial) endpoints.set(endpoint.id, { ...endpoint, previousSecret: null });

  const find = (id: string, expected: ExpectedVersions): StoredWebhook | undefined => {
    const endpoint = endpoints.get(id);
    return endpoint !== undefined && (expected === null || expected.includes(endpoint.version)) ? endpoint : undefined;
  };
  const replace = (endpoint: StoredWebhook, changes: Partial<StoredWebhook>, time: Date): WebhookEndpoint => {
    const updatedAt = time > endpoint.updatedAt ? time : endpoint.updatedAt;
    const changed = { ...endpoint, ...changes, updatedAt, version: endpoint.version + 1 };
    endpoints.set(endpoint.id, changed);
    return show(changed);
  };
  const requireEndpoint = (id: string): StoredWebhook => {
    const endpoint = endpoints.get(id);
    if (endpoint === undefined) throw new AppError("webhook-not-found");
    return endpoint;
  };
  const addDelivery = (id: string, delivery: WebhookDelivery) =>
    void deliveries.set(id, [...(deliveries.get(id) ?? []), delivery]);

  return {
    stored: (id) => endpoints.get(id),
    addDelivery,

    async insert(endpoint, limit) {
      if (endpoints.size >= limit && !endpoints.has(endpoint.id)) throw new AppError("webhook-limit-reached");
      if (!endpoints.has(endpoint.id)) endpoints.set(endpoint.id, { ...endpoint, previousSecret: null });
    },

    async findById(id) {
      const endpoint = endpoints.get(id);
      return endpoint === undefined ? null : show(endpoint);
    },

    list: async () => [...endpoints.values()].toSorted(newestFirst(({ id }) => id)).map(show),

    async update(id, { updatedAt, status, ...patch }, expected) {
      const endpoint = find(id, expected);
      if (endpoint === undefined) return null;
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const reason = status === "enabled" ? null : (endpoint.disabledReason ?? "manual");
      return replace(endpoint, { ...given, ...(status && { status, disabledReason: reason }) }, updatedAt);
    },

    async delete(id, expected) {
      if (find(id, expected) === undefined) return false;
      deliveries.delete(id);
      return endpoints.delete(id);
    },

    async rotateSecret(id, { secret, rotatedAt, previousSecretUntil }) {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return null;
      const isRotating = endpoint.previousSecretUntil !== null && endpoint.previousSecretUntil > rotatedAt;
      const previous = isRotating ? {} : { previousSecret: endpoint.secret, previousSecretUntil };
      return replace(endpoint, { secret, ...previous }, rotatedAt);
    },

    async queueTest(id, { eventId, createdAt }) {
      if (requireEndpoint(id).status === "disabled") throw new AppError("webhook-disabled");
      if (deliveries.get(id)?.some((delivery) => delivery.eventId === eventId) === true) return;
      addDelivery(id, {
        eventId,
        eventType: TEST_EVENT_TYPE,
        subjectId: eventId,
        state: "pending",
        attempts: 0,
        dueAt: createdAt,
        lastStatus: null,
        lastError: null,
        lastAttemptAt: null,
        deliveredAt: null,
        createdAt,
      });
    },

    async listDeliveries(id, { state, limit, after }) {
      requireEndpoint(id);
      const found = (deliveries.get(id) ?? [])
        .filter((delivery) => state === null || delivery.state === state)
        .toSorted(newestFirst(({ eventId }) => eventId))
        .filter((delivery) => after === null || isBehind(delivery, after));
      return toPage(found.slice(0, limit + 1), limit, ({ createdAt, eventId }) => ({
        key: createdAt.toISOString(),
        id: eventId,
      }));
    },
  };
}

function isBehind({ createdAt, eventId }: WebhookDelivery, after: PagePosition): boolean {
  const key = createdAt.toISOString();
  return key < after.key || (key === after.key && eventId < after.id);
}

function show({ secret: _secret, previousSecret: _previous, createdBy: _caller, ...shown }: StoredWebhook) {
  return shown satisfies WebhookEndpoint;
}

function newestFirst<Item extends { readonly createdAt: Date }>(idOf: (item: Item) => string) {
  return (left: Item, right: Item): number =>
    right.createdAt.getTime() - left.createdAt.getTime() || (idOf(left) < idOf(right) ? 1 : -1);
}
