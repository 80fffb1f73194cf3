/** Undoes everything a session can carry from one request to the next: DISCARD ALL without dropping cached plans. */
export const RESET_SQL = [
  "ROLLBACK",
  "CLOSE ALL",
  "SET SESSION AUTHORIZATION DEFAULT",
  "RESET ALL",
  "DEALLOCATE ALL",
  "UNLISTEN *",
  "SELECT pg_advisory_unlock_all()",
  "DISCARD TEMP",
  "DISCARD SEQUENCES",
].join("; ");

const PLAIN_STATEMENT = /^\s*(?:select|insert|update|delete|merge|with|values|table)\b/i;

// What a plain statement can leave something behind with. Sequence values of implicit nextval calls are not noticed.
const STATEFUL_EXPRESSION =
  /set_config|advisory|\binto\s+(?:local\s+|global\s+)?temp|pg_temp|dblink|currval|lastval|nextval|setval/i;

/**
 * Whether the session must be reset before it serves again. A lone plain statement cannot change it, unless it uses
 * something listed above or a user-defined function that does; skipping the reset saves a round trip per request.
 */
export function mayChangeSession(sql: string): boolean {
  return !PLAIN_STATEMENT.test(sql) || STATEFUL_EXPRESSION.test(sql);
}
