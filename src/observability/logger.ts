import { readErrorName } from "./error-name.ts";
import { formatLine, jsonMembers } from "./log-line.ts";
import { formatTimestamp } from "./timestamp.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of one event; snake_case names, JSON values, no secrets and no personal data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes events as one JSON line each, of bounded length and in ASCII only, which Workers Logs indexes by field. */
export interface Logger {
  log(level: LogLevel, event: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  /** Events below this level are dropped. */
  readonly level: LogLevel;
  /** Fields of every event, such as the version that wrote it. */
  readonly base: LogFields;
  /** Milliseconds since 1970; 0 while nobody knows. */
  readonly now?: () => number;
  readonly write?: (level: LogLevel, line: string) => void;
}

export function createLogger({ level, base, now = Date.now, write = writeToConsole }: LoggerOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const baseMembers = jsonMembers(base);
  return {
    log(eventLevel, event, fields = {}) {
      if (LOG_LEVELS.indexOf(eventLevel) < threshold) return;
      const head = `{${timeMember(now())}"level":"${eventLevel}","event":${JSON.stringify(event)}`;
      write(eventLevel, formatLine(`${head}${baseMembers}`, fields));
    },
  };
}

/** While an isolate starts, the runtime's clock stands at 0: no time is better than that one. */
function timeMember(epochMs: number): string {
  return epochMs === 0 ? "" : `"timestamp":"${formatTimestamp(epochMs)}",`;
}

export function writeToConsole(level: LogLevel, line: string): void {
  console[level](line);
}

/**
 * An error and its causes as log fields. Messages of errors from elsewhere are left out, for they may quote what a
 * user sent (a parser's) or a statement with its parameters (drizzle's); their stack frames tell enough.
 */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  const isOurs = OWN_ERRORS.has(name);
  return {
    name: readErrorName(error) ?? "Error",
    ...(isOurs ? { message } : { stack: stackFrames(stack, message) }),
    ...ownDetails(error),
    ...(cause !== undefined && depth < MAX_CAUSES ? { cause: describeError(cause, depth + 1) } : {}),
  };
}

const OWN_ERRORS: ReadonlySet<string> = new Set(["AppError", "ConfigError", "DatabaseError"]);

function stackFrames(stack = "", message: string): string[] {
  return stack
    .replace(message, "")
    .split("\n")
    .flatMap((line) => /^\s*at (.+)$/.exec(line)?.[1] ?? []);
}

const MAX_CAUSES = 3;

function ownDetails(error: Error): LogFields {
  const details: Record<string, unknown> = {};
  if ("sqlState" in error && error.sqlState !== null) details["sql_state"] = error.sqlState;
  if ("constraint" in error && error.constraint !== null) details["constraint"] = error.constraint;
  return details;
}
