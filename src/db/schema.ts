import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";

import type { ErrorCode } from "../models/errors.ts";
import type { UserEventType } from "../models/user-event.ts";
import { time, userSnapshot } from "./columns.ts";

/** Text that is compared byte by byte, so that order and prefixes mean the same in every locale. */
const byteOrderedText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/**
 * The users. The CHECK constraints say the same as `models/user-rules.ts`; the alphabet of full names is in
 * the SQL function `is_name_of_person` (migration 0008), because only explicit ranges mean the same in every locale.
 */
export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    username: byteOrderedText("username").notNull(),
    email: text("email").notNull(),
    fullName: text("full_name").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
    version: integer("version").notNull().default(1),
  },
  (table) => [
    unique("users_username_key").on(table.username),
    unique("users_email_key").on(table.email),
    index("users_created_at_id_idx").on(table.createdAt, table.id),
    check("users_username_valid", sql`${table.username} ~ '^[a-z0-9]{3,50}$'`),
    check("users_email_valid", sql`is_email_address(${table.email})`),
    check("users_full_name_valid", sql`is_name_of_person(${table.fullName})`),
    check("users_updated_at_valid", sql`${table.updatedAt} >= ${table.createdAt}`),
    check("users_version_valid", sql`${table.version} >= 1`),
  ],
);

/** Answers of keyed creations, kept until they expire so that a repeated request gets the same answer. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    caller: text("caller").notNull(),
    key: text("key").notNull(),
    requestHash: text("request_hash").notNull(),
    status: integer("status").notNull(),
    response: text("response").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
    /** The request that made the key, as the log knows it. Not filled in yet: the code of the next release may. */
    requestId: text("request_id"),
  },
  (table) => [
    primaryKey({ name: "idempotency_keys_pkey", columns: [table.caller, table.key] }),
    index("idempotency_keys_expires_at_idx").on(table.expiresAt),
  ],
);

/**
 * What happened to users, one row per change, written by triggers of `users` in the statement that makes the change (migration
 * 0007), whichever version of the code or person sends it. Their order is (`stamp`, `position`); docs/events.md says why.
 */
export const userEvents = pgTable(
  "user_events",
  {
    /** Epoch × 2^40 + id of the transaction; not before that of the same user's event before it. */
    stamp: bigint("stamp", { mode: "bigint" }).notNull(),
    position: bigint("position", { mode: "bigint" }).notNull().generatedAlwaysAsIdentity(),
    eventId: uuid("event_id").notNull(),
    type: text("type").$type<UserEventType>().notNull(),
    userId: uuid("user_id").notNull(),
    userVersion: integer("user_version").notNull(),
    /** The user as the API answers it; null for a deletion, and for all events of a user who has been deleted. */
    payload: userSnapshot("payload"),
    occurredAt: time("occurred_at").notNull(),
  },
  (table) => [
    primaryKey({ name: "user_events_pkey", columns: [table.stamp, table.position] }),
    index("user_events_user_id_stamp_position_idx").on(table.userId, table.stamp, table.position),
  ],
);

/** One row about all of them. */
export const userEventFeed = pgTable(
  "user_event_feed",
  {
    isOnly: boolean("is_only").primaryKey().default(true),
    /** The last event that was removed because of its age; whoever has not read it has missed something. */
    sweptStamp: bigint("swept_stamp", { mode: "bigint" })
      .notNull()
      .default(sql`0`),
    sweptPosition: bigint("swept_position", { mode: "bigint" })
      .notNull()
      .default(sql`0`),
  },
  (table) => [check("user_event_feed_is_one_row", sql`${table.isOnly}`)],
);

export { webhookDeliveries, webhookDispatch, webhookEndpoints, webhookLanes } from "./webhook-schema.ts";

/** Unique constraints, by name, to the refusal that each means. */
export const UNIQUE_CONSTRAINTS: Readonly<Record<string, ErrorCode>> = {
  users_username_key: "username-taken",
  users_email_key: "email-taken",
};

/** CHECK constraints, by name, to the field whose rule they repeat. */
export const CHECK_CONSTRAINTS: Readonly<Record<string, string>> = {
  users_username_valid: "username",
  users_email_valid: "email",
  users_full_name_valid: "full_name",
};
