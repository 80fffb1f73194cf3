import type { TextResult, TextRow } from "../db/client.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { selectionReader } from "../db/rows.ts";
import { prepareByShape } from "../db/statement.ts";
import { AppError } from "../models/errors.ts";
import { toPage, type Page } from "../models/page.ts";
import { USER_EVENT_TYPES } from "../models/user-event.ts";
import type {
  DeliveryQuery,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookPatch,
  WebhookRepository,
} from "../models/webhook-endpoint.ts";
import { targetValues } from "./versioned.ts";
import { DELIVERY_COLUMNS, deliveryShape, deliveryValues, prepareDeliveries } from "./webhook-delivery-sql.ts";
import {
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  prepareEndpointChange,
  prepareEndpointDelete,
  queueTestDelivery,
  rotateEndpointSecret,
  SHOWN_COLUMNS,
} from "./webhook-sql.ts";

const changeStatement = prepareByShape(prepareEndpointChange);
const deleteStatement = prepareByShape(prepareEndpointDelete);
const deliveriesStatement = prepareByShape(prepareDeliveries);

const readEndpoint = selectionReader(SHOWN_COLUMNS);
const readDelivery = selectionReader(DELIVERY_COLUMNS);

/** Webhook endpoints in PostgreSQL, and what was sent to them; one statement per method. */
export function createPostgresWebhookRepository({ queries }: { readonly queries: QueryRunner }): WebhookRepository {
  return {
    insert: ({ createdAt, eventTypes, ...endpoint }, limit, context) =>
      queries.run(context, {
        statement: insertEndpoint,
        values: { ...endpoint, limit, eventTypes: `{${eventTypes.join(",")}}`, createdAt: createdAt.toISOString() },
        read: ({ rowCount }) => requireThat(rowCount > 0, "webhook-limit-reached"),
      }),

    findById: (id, context) =>
      queries.run(context, { statement: findEndpoint, values: { id }, read: toEndpointOrNull }),

    list: (context) =>
      queries.run(context, { statement: listEndpoints, values: {}, read: ({ rows }) => rows.map(toEndpoint) }),

    update: (id, { updatedAt, status = null, ...patch }, expected, context) =>
      queries.run(context, {
        statement: changeStatement({ fields: givenFields(patch), status, isConditional: expected !== null }),
        values: { ...patch, ...targetValues(id, expected), updatedAt: updatedAt.toISOString() },
        read: toEndpointOrNull,
      }),

    delete: (id, expected, context) =>
      queries.run(context, {
        statement: deleteStatement({ isConditional: expected !== null }),
        values: targetValues(id, expected),
        read: ({ rowCount }) => rowCount > 0,
      }),

    rotateSecret: (id, { secret, rotatedAt, previousSecretUntil }, context) =>
      queries.run(context, {
        statement: rotateEndpointSecret,
        values: {
          id,
          secret,
          rotatedAt: rotatedAt.toISOString(),
          previousSecretUntil: previousSecretUntil.toISOString(),
        },
        read: toEndpointOrNull,
      }),

    queueTest: (id, { eventId, createdAt }, context) =>
      queries.run(context, {
        statement: queueTestDelivery,
        values: { id, eventId, createdAt: createdAt.toISOString() },
        read: ({ rows: [row] }) => {
          requireThat(row !== undefined, "webhook-not-found");
          requireThat(row?.[0] === "enabled", "webhook-disabled");
        },
      }),

    listDeliveries: (id, query, context) =>
      queries.run(context, {
        statement: deliveriesStatement(deliveryShape(query)),
        values: deliveryValues(id, query),
        read: (result) => toDeliveryPage(result, query),
      }),
  };
}

function requireThat(isTrue: boolean, otherwise: AppError["code"]): void {
  if (!isTrue) throw new AppError(otherwise);
}

function givenFields({ url, description, eventTypes }: WebhookPatch) {
  const given = { url, description, eventTypes };
  return (["url", "description", "eventTypes"] as const).filter((field) => given[field] !== undefined);
}

/** Types that this version does not know are those of a newer one that shares the database. */
function toEndpoint(row: TextRow): WebhookEndpoint {
  const endpoint = readEndpoint(row);
  return { ...endpoint, eventTypes: USER_EVENT_TYPES.filter((type) => endpoint.eventTypes.includes(type)) };
}

function toEndpointOrNull({ rows: [row] }: TextResult): WebhookEndpoint | null {
  return row === undefined ? null : toEndpoint(row);
}

function toDeliveryPage({ rows }: TextResult, { limit }: DeliveryQuery): Page<WebhookDelivery> {
  requireThat(rows.length > 0, "webhook-not-found");
  const deliveries = rows.flatMap(([, ...delivery]) => (delivery[0] === null ? [] : [readDelivery(delivery)]));
  return toPage(deliveries, limit, ({ createdAt, eventId }) => ({ key: createdAt.toISOString(), id: eventId }));
}
