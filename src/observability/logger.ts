export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of one event; snake_case names, JSON values, no secrets and no personal data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes events as one JSON line each, which Workers Logs indexes by field. */
export interface Logger {
  log(level: LogLevel, event: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  /** Events below this level are dropped. */
  readonly level: LogLevel;
  /** Fields of every event, such as the version that wrote it. */
  readonly base: LogFields;
  readonly now?: () => Date;
  readonly write?: (level: LogLevel, line: string) => void;
}

export function createLogger({ level, base, now = () => new Date(), write = writeToConsole }: LoggerOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  return {
    log(eventLevel, event, fields) {
      if (LOG_LEVELS.indexOf(eventLevel) < threshold) return;
      const entry = { timestamp: now().toISOString(), level: eventLevel, event, ...base, ...fields };
      write(eventLevel, JSON.stringify(entry));
    },
  };
}

function writeToConsole(level: LogLevel, line: string): void {
  console[level](line);
}

/** An error and its causes as log fields; only our own errors reach this with a message that holds user input. */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  const known: Record<string, unknown> = { name, message, ...ownDetails(error) };
  if (name !== "AppError" && name !== "DatabaseError") known["stack"] = stack;
  if (cause !== undefined && depth < MAX_CAUSES) known["cause"] = describeError(cause, depth + 1);
  return known;
}

const MAX_CAUSES = 3;

function ownDetails(error: Error): LogFields {
  const details: Record<string, unknown> = {};
  if ("sqlState" in error && error.sqlState !== null) details["sql_state"] = error.sqlState;
  if ("constraint" in error && error.constraint !== null) details["constraint"] = error.constraint;
  return details;
}
