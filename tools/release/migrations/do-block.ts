import type { DoStmt } from "libpg-query";

import { allOfKind, ofKind } from "./syntax-tree.ts";

const UNSEEN = "what such a block does cannot be seen here";

/** Time limits of a database, which no ALTER DATABASE can name but by a block: it knows no word for the current one. */
const LIMITS: ReadonlySet<string> = new Set([
  "statement_timeout",
  "lock_timeout",
  "transaction_timeout",
  "idle_in_transaction_session_timeout",
]);

const LIMIT =
  /\s*EXECUTE format\('ALTER DATABASE %I SET (\w+) = %L', current_database\(\), '[1-9]\d*(?:ms|s|min)'\);/gy;
const LAST_WORD = /^\s*END;?\s*$/;

/**
 * Passes a block that does nothing but limit times, in the one spelling that is read here. That no statement of the running
 * version takes longer is what its author has thought about.
 */
export function findBlockDanger({ args }: DoStmt): string | null {
  const options = allOfKind(args, "DefElem");
  const body = ofKind(options.find(({ defname }) => defname === "as")?.arg, "String")?.sval ?? "";
  const hasLanguage = options.some(({ defname }) => defname === "language");
  return !hasLanguage && onlyLimitsTimes(body) ? null : UNSEEN;
}

function onlyLimitsTimes(body: string): boolean {
  const start = /^\s*BEGIN\b/.exec(body)?.[0];
  if (start === undefined) return false;
  const statements = body.slice(start.length);
  const limits = [...statements.matchAll(LIMIT)];
  const length = limits.reduce((sum, [text]) => sum + text.length, 0);
  return (
    limits.length > 0 && limits.every(([, name = ""]) => LIMITS.has(name)) && LAST_WORD.test(statements.slice(length))
  );
}
