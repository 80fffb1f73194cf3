import { sql, type AnyColumn, type SQL } from "drizzle-orm";

import type { Database } from "../db/client.ts";
import { idempotencyKeys, users } from "../db/schema.ts";
import type { ClaimOutcome, IdempotentAnswer } from "../models/idempotency.ts";
import type { User } from "../models/user.ts";

/** What is stored under the key after the statement; all null when another request holds it. */
export type ClaimRow = {
  readonly request_hash: string | null;
  readonly status: number | null;
  readonly response: string | null;
};

/**
 * One statement that claims the key and, if the claim is new, inserts the user; a unique violation undoes both.
 * The claim is new when the stored answer is ours: it holds an id that was made for this request alone. A key whose
 * time is up is claimed anew. Sent twice, the statement has its effect once. The lock lasts as long as the statement; who does not get it is told, not kept waiting.
 */
export function claimAndInsert(db: Database, user: User, answer: IdempotentAnswer): SQL {
  const { caller, key, requestHash, status, response, createdAt, expiresAt } = answer;
  const isExpired = sql`${idempotencyKeys.expiresAt} <= excluded.created_at`;
  const unlessExpired = (column: AnyColumn): SQL =>
    sql`case when ${isExpired} then excluded.${sql.identifier(column.name)} else ${column} end`;
  const claim = db
    .insert(idempotencyKeys)
    .select(
      sql`select ${caller}, ${key}, ${requestHash}, ${status}::integer, ${response}, ${createdAt.toISOString()}::timestamptz,
        ${expiresAt.toISOString()}::timestamptz from lock where is_ours`,
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
  return sql`
    with lock as materialized (
      select pg_try_advisory_xact_lock(hashtextextended(${JSON.stringify([caller, key])}, 0)) as is_ours
    ),
    claim as ${claim},
    created as (
      insert into ${users} (id, username, email, full_name, created_at, updated_at, version)
      select ${user.id}::uuid, ${user.username}, ${user.email}, ${user.fullName}, ${user.createdAt.toISOString()}::timestamptz,
        ${user.updatedAt.toISOString()}::timestamptz, ${user.version}::integer
      from claim where claim.response = ${response}
      on conflict (id) do nothing
    )
    select claim.request_hash, claim.status, claim.response from lock left join claim on true`;
}

/** Reads the one row that the statement gives. */
export function toClaimOutcome([row]: readonly ClaimRow[], { requestHash, response }: IdempotentAnswer): ClaimOutcome {
  if (row === undefined || row.response === null || row.status === null) return { kind: "in-use" };
  if (row.request_hash !== requestHash) return { kind: "reused" };
  return { kind: "answered", status: row.status, response: row.response, isReplay: row.response !== response };
}
