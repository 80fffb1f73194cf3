import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";

import type { DeliveryFailure, DeliveryState, DisabledReason, EndpointStatus } from "../models/webhook.ts";
import { time } from "./columns.ts";

const position = (name: string) => bigint(name, { mode: "bigint" });

/** Where events are sent. Written by the API; the events Worker notes how deliveries go, and disables what is dead. */
export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    id: uuid("id").primaryKey(),
    url: text("url").notNull(),
    description: text("description"),
    /** None means all, also those that do not exist yet. */
    eventTypes: text("event_types")
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** `whsec_` and the key in base64, as Standard Webhooks has it. */
    secret: text("secret").notNull(),
    /** Signs beside `secret` until the time that stands with it. */
    previousSecret: text("previous_secret"),
    previousSecretUntil: time("previous_secret_until"),
    status: text("status").$type<EndpointStatus>().notNull().default("enabled"),
    disabledReason: text("disabled_reason").$type<DisabledReason>(),
    /** When the first of the failures happened that no success has followed; null while all is well. */
    failingSince: time("failing_since"),
    consecutiveFailures: integer("consecutive_failures").notNull().default(0),
    /** The caller that made it, as the log knows it. */
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    version: integer("version").notNull().default(1),
  },
  (table) => [
    index("webhook_endpoints_created_at_id_idx").on(table.createdAt, table.id),
    check("webhook_endpoints_url_valid", sql`length(${table.url}) between 1 and 2048`),
    check("webhook_endpoints_status_valid", sql`${table.status} in ('enabled', 'disabled')`),
    check(
      "webhook_endpoints_reason_valid",
      sql`(${table.status} = 'disabled') = (${table.disabledReason} is not null)`,
    ),
    check(
      "webhook_endpoints_rotation_valid",
      sql`(${table.previousSecret} is null) = (${table.previousSecretUntil} is null)`,
    ),
    check("webhook_endpoints_version_valid", sql`${table.version} >= 1`),
  ],
);

/**
 * What is to be sent where, one row for each endpoint and event. Those of one endpoint and subject are a lane: they are sent
 * one after the other, by (`stamp`, `position`), and the first that is pending is the head of the lane.
 */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    endpointId: uuid("endpoint_id").notNull(),
    /** That of the event; a test has one of its own. */
    eventId: uuid("event_id").notNull(),
    /** The event's place in `user_events`; 0 and 0 for a test, which has none. */
    stamp: position("stamp").notNull(),
    position: position("position").notNull(),
    eventType: text("event_type").notNull(),
    /** The user; for a test its own event id, so that it waits for nobody. */
    subjectId: uuid("subject_id").notNull(),
    state: text("state").$type<DeliveryState>().notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    /** Not to be tried before; null once it is not pending. */
    dueAt: time("due_at"),
    /** Somebody is at it until then; nobody when null or over. */
    claimedUntil: time("claimed_until"),
    /** Grows with each claim: who holds an older one has lost it. */
    fencingToken: integer("fencing_token").notNull().default(0),
    /** HTTP status of the last answer; null when there was none. */
    lastStatus: integer("last_status"),
    lastError: text("last_error").$type<DeliveryFailure>(),
    lastAttemptAt: time("last_attempt_at"),
    deliveredAt: time("delivered_at"),
    createdAt: time("created_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "webhook_deliveries_pkey", columns: [table.endpointId, table.eventId] }),
    foreignKey({
      name: "webhook_deliveries_endpoint_id_fkey",
      columns: [table.endpointId],
      foreignColumns: [webhookEndpoints.id],
    }).onDelete("cascade"),
    index("webhook_deliveries_lane_idx")
      .on(table.subjectId, table.endpointId, table.stamp, table.position)
      .where(sql`state = 'pending'`),
    index("webhook_deliveries_recent_idx").on(table.endpointId, table.createdAt, table.eventId),
    check("webhook_deliveries_state_valid", sql`${table.state} in ('pending', 'delivered', 'dead')`),
    check("webhook_deliveries_due_at_valid", sql`(${table.state} = 'pending') = (${table.dueAt} is not null)`),
    check(
      "webhook_deliveries_delivered_at_valid",
      sql`(${table.state} = 'delivered') = (${table.deliveredAt} is not null)`,
    ),
  ],
);

/**
 * When to look at a lane: a row for each that has, or had, something pending. A trigger of `webhook_deliveries` wakes those to
 * which something is added (migration 0009); whoever makes other deliveries pending again does that itself.
 */
export const webhookLanes = pgTable(
  "webhook_lanes",
  {
    endpointId: uuid("endpoint_id").notNull(),
    subjectId: uuid("subject_id").notNull(),
    /** Grows with each time something becomes pending: who has seen nothing is out of date when it has grown since. */
    generation: bigint("generation", { mode: "bigint" })
      .notNull()
      .default(sql`0`),
    /** A message about it is put into the queue then, unless it is looked after by that time; null when nothing is pending. */
    nextAt: time("next_at"),
  },
  (table) => [
    primaryKey({ name: "webhook_lanes_pkey", columns: [table.endpointId, table.subjectId] }),
    foreignKey({
      name: "webhook_lanes_endpoint_id_fkey",
      columns: [table.endpointId],
      foreignColumns: [webhookEndpoints.id],
    }).onDelete("cascade"),
    index("webhook_lanes_next_idx")
      .on(table.endpointId, table.nextAt)
      .where(sql`next_at is not null`),
  ],
);

/** One row: how far events have become deliveries. */
export const webhookDispatch = pgTable(
  "webhook_dispatch",
  {
    isOnly: boolean("is_only").primaryKey().default(true),
    stamp: position("stamp")
      .notNull()
      .default(sql`0`),
    position: position("position")
      .notNull()
      .default(sql`0`),
  },
  (table) => [check("webhook_dispatch_is_one_row", sql`${table.isOnly}`)],
);
