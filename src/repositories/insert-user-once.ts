import { sql, type AnyColumn, type Placeholder, type SQL } from "drizzle-orm";

import type { TextRow } from "../db/client.ts";
import { idempotencyKeys, users } from "../db/schema.ts";
import { builder, prepareStatement } from "../db/statement.ts";
import { AppError } from "../models/errors.ts";
import type { IdempotencyRecord, StoredResponse } from "../models/idempotency.ts";
import type { User } from "../models/user.ts";

/** A user and the record of its creation; times are RFC 3339. */
type Values = Readonly<
  Record<keyof Omit<User, "createdAt" | "updatedAt">, unknown> &
    Record<keyof Omit<IdempotencyRecord, "createdAt" | "expiresAt">, unknown> &
    Record<"createdAt" | "updatedAt" | "claimedAt" | "expiresAt" | "lock", string>
>;

/**
 * One statement that claims the key and, if the claim is new, inserts the user; a unique violation undoes both.
 * The claim is new when the stored response is ours: it holds an id that was made for this request alone. A key whose
 * time is up is claimed anew. Sent twice, the statement has its effect once. The lock lasts as long as the statement; who does not get it is told, and kept waiting for a moment only.
 */
export const claimAndInsert = prepareStatement<Values>("users.insert_once", "repeatable-write", (value) => {
  const isExpired = sql`${idempotencyKeys.expiresAt} <= excluded.created_at`;
  const unlessExpired = (column: AnyColumn): SQL =>
    sql`case when ${isExpired} then excluded.${sql.identifier(column.name)} else ${column} end`;
  const claim = builder
    .insert(idempotencyKeys)
    .select(
      sql`select ${value("caller")}, ${value("key")}, ${value("requestHash")}, ${value("status")}::integer, ${value("response")}, ${value("claimedAt")}::timestamptz, ${value("expiresAt")}::timestamptz, null from lock where is_ours`,
    )
    .onConflictDoUpdate({
      target: [idempotencyKeys.caller, idempotencyKeys.key],
      set: {
        requestHash: unlessExpired(idempotencyKeys.requestHash),
        status: unlessExpired(idempotencyKeys.status),
        response: unlessExpired(idempotencyKeys.response),
        createdAt: unlessExpired(idempotencyKeys.createdAt),
        expiresAt: unlessExpired(idempotencyKeys.expiresAt),
      },
    })
    .returning({
      requestHash: idempotencyKeys.requestHash,
      status: idempotencyKeys.status,
      response: idempotencyKeys.response,
    });
  return sql`with lock as materialized (select ${tryLockTwice(value("lock"))} as is_ours), claim as ${claim}, created as (insert into ${users} (id, username, email, full_name, created_at, updated_at, version) select ${value("id")}::uuid, ${value("username")}, ${value("email")}, ${value("fullName")}, ${value("createdAt")}::timestamptz, ${value("updatedAt")}::timestamptz, ${value("version")}::integer from claim where claim.response = ${value("response")} on conflict (id) do nothing) select claim.request_hash, claim.status, claim.response from lock left join claim on true`;
});

/** A statement that has just failed may be told before its lock is gone: then a moment later is early enough. */
function tryLockTwice(lock: Placeholder): SQL {
  const attempt = sql`pg_try_advisory_xact_lock(hashtextextended(${lock}, 0))`;
  return sql`case when ${attempt} then true when pg_sleep(${sql.raw(String(LOCK_GRACE_SECONDS))}) is null then false else ${attempt} end`;
}

const LOCK_GRACE_SECONDS = 0.02;

export function toClaimValues(user: User, record: IdempotencyRecord): Values {
  return {
    ...user,
    ...record,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
    claimedAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt.toISOString(),
    lock: JSON.stringify([record.caller, record.key]),
  };
}

/**
 * Reads the one row that the statement gives: all null when another request holds the key.
 * @throws AppError `idempotency-key-in-use` or `idempotency-key-reused`
 */
export function toStoredResponse(
  [row]: readonly TextRow[],
  { requestHash, response }: IdempotencyRecord,
): StoredResponse {
  const [storedHash = null, status = null, body = null] = row ?? [];
  if (body === null || status === null) throw new AppError("idempotency-key-in-use");
  if (storedHash !== requestHash) throw new AppError("idempotency-key-reused");
  return { status: Number(status), body, isReplay: body !== response };
}
