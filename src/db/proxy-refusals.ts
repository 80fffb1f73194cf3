import { DatabaseError, type DatabaseFailure } from "./errors.ts";

interface ProxyRefusal {
  readonly pattern: RegExp;
  /** What the log calls it. */
  readonly name: string;
  readonly isTransient: boolean;
}

/**
 * Refusals of Neon's proxy before it sends a statement, by what it says (proxy/src/error.rs, auth and control_plane; its
 * wording may change, and what is not known here may have run).
 */
const BEFORE_THE_STATEMENT: readonly ProxyRefusal[] = [
  { pattern: /too many connections/i, name: "too many connections", isTransient: true },
  { pattern: /failed to acquire permit/i, name: "no permit to connect", isTransient: true },
  { pattern: /couldn't connect to compute node/i, name: "the compute cannot be reached", isTransient: true },
  { pattern: /control plane request failed/i, name: "the compute cannot be woken", isTransient: true },
  { pattern: /authentication failed|not allowed to connect/i, name: "the credentials are refused", isTransient: false },
  { pattern: /connection.string|missing hostname/i, name: "the connection string is refused", isTransient: false },
];

/** SQLSTATEs within the text of a 500: PostgreSQL refused the connection itself. */
const CONNECTION_REFUSED = /"code":"(53300|57P03|08001|08004)"/;

/** Any status but 400 reaches us as text only. */
const STATUS = /^Server error \(HTTP status (\d{3})\)/;

/** Our request, or the answer to it, is larger than the proxy's limits: repeating it is no use, and others are still served. */
const TOO_LARGE: ReadonlySet<string> = new Set(["413", "507"]);

/** What the proxy itself answers with; other statuses are those of a balancer before it. */
const OWN_STATUSES: ReadonlySet<string> = new Set(["400", "500"]);

/** Not followed (client.ts), and the same each time. */
const isRedirect = (status: string): boolean => status.startsWith("3");

/** What a refusal without a SQLSTATE means. The text is a proxy's and goes no further. */
export function classifyProxyRefusal(message: string): DatabaseFailure {
  const status = STATUS.exec(message)?.[1] ?? "400";
  const told = `The database's proxy refused with status ${status}`;
  const failure = { code: "database-unavailable", isInfrastructure: true } as const;
  if (TOO_LARGE.has(status)) {
    // A request that is too large is not run; an answer can only be too large once it has been.
    const effect = status === "413" ? "none" : "unknown";
    const cause = new DatabaseError(`${told}: too large`);
    return { ...failure, effect, isInfrastructure: false, isTransient: false, cause };
  }
  const known = OWN_STATUSES.has(status)
    ? BEFORE_THE_STATEMENT.find(({ pattern }) => pattern.test(message))
    : undefined;
  if (known !== undefined) {
    const cause = new DatabaseError(`${told}: ${known.name}`);
    return { ...failure, effect: "none", isTransient: known.isTransient, cause };
  }
  const effect = CONNECTION_REFUSED.test(message) ? "none" : "unknown";
  return { ...failure, effect, isTransient: !isRedirect(status), cause: new DatabaseError(told) };
}
