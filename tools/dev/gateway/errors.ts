import pg from "pg";

const FIELD_NAMES = [
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "severity",
  "where",
  "table",
  "column",
  "schema",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

type FieldName = (typeof FIELD_NAMES)[number];
type PostgresFields = Partial<Record<FieldName, string | undefined>>;

/** A failure that is answered with `status` and Neon's error body; `fields` carry what PostgreSQL said, if it did. */
export class GatewayError extends Error {
  readonly status: number;
  readonly fields: PostgresFields;

  constructor(status: number, message: string, fields: PostgresFields = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "GatewayError";
    this.status = status;
    this.fields = fields;
  }
}

/** The complete JSON error body of Neon's proxy: absent fields are null, but `code` and `severity` are empty strings. */
export function errorBody(error: GatewayError): string {
  const body: Record<string, string | null> = { message: error.message };
  for (const name of FIELD_NAMES) {
    body[name] = error.fields[name] ?? (name === "code" || name === "severity" ? "" : null);
  }
  return JSON.stringify(body);
}

/** Translates what `pg` threw while a statement, BEGIN or COMMIT was running; the outcome of the statement may be unknown. */
export function statementError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof pg.DatabaseError)
    return new GatewayError(400, error.message, postgresFields(error), { cause: error });
  // The proxy answers 400 for every failure of the user's statement, a connection that broke under it included.
  return new GatewayError(400, "connection closed", {}, { cause: error });
}

/** Translates what `pg` threw while connecting; nothing has run. */
export function connectError(error: unknown): GatewayError {
  if (!(error instanceof pg.DatabaseError)) {
    return new GatewayError(500, "Couldn't connect to compute node", {}, { cause: error });
  }
  if (error.code?.startsWith("28")) return new GatewayError(400, error.message, {}, { cause: error });
  const status = error.code === "3D000" ? 400 : 500;
  return new GatewayError(status, error.message, postgresFields(error), { cause: error });
}

export function badRequest(message: string): GatewayError {
  return new GatewayError(400, message);
}

export function wrongPassword(user: string): GatewayError {
  return badRequest(`password authentication failed for user '${user}'`);
}

/** What PostgreSQL says while connecting to a database that does not exist. */
export function unknownDatabase(name: string): GatewayError {
  return new GatewayError(400, `database "${name}" does not exist`, {
    severity: "FATAL",
    code: "3D000",
    file: "postinit.c",
    routine: "InitPostgres",
  });
}

export function requestTooLarge(maxBytes: number): GatewayError {
  return new GatewayError(413, `request is too large (max is ${maxBytes} bytes)`);
}

export function responseTooLarge(maxBytes: number): GatewayError {
  return new GatewayError(507, `response is too large (max is ${maxBytes} bytes)`);
}

export function clientGone(): GatewayError {
  return new GatewayError(400, "Query cancelled, connection was terminated", { code: "08P01" });
}

function postgresFields(error: pg.DatabaseError): PostgresFields {
  const fields: PostgresFields = {};
  for (const name of FIELD_NAMES) fields[name] = error[name];
  return fields;
}
