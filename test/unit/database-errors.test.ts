import { NeonDbError } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm";
import { describe, test } from "vitest";

import { DatabaseError, toAppError } from "../../src/db/errors.ts";
import { classifyFailure } from "../../src/db/failures.ts";
import { AppError, type ErrorCode } from "../../src/models/errors.ts";
import { describeError } from "../../src/observability/logger.ts";
import { textsOf } from "../support/refusals.ts";

/*
 * The shapes are those of the driver and of drizzle; the integration tests provoke the same ones
 * through the gateway's fault injection. Here every SQLSTATE and shape has its row.
 */

/** What a read fails with. */
const translateDatabaseError = (thrown: unknown): AppError => toAppError(classifyFailure(thrown), "read");

/** A parameter of the failed statement: personal data, which no error may carry on. */
const EMAIL = "ada.lovelace@example.com";

/** The error that the driver makes of a 400 with these fields, quoting the parameter as PostgreSQL does. */
function sqlError(code: string, fields: { readonly constraint?: string } = {}): NeonDbError {
  return Object.assign(new NeonDbError(`ERROR about ${EMAIL}`), {
    code,
    severity: "ERROR",
    detail: `Key (email)=(${EMAIL}) already exists.`,
    where: `unnamed portal parameter $1 = '${EMAIL}'`,
    ...fields,
  });
}

/** As drizzle throws it: the message holds the statement and its parameters. */
const wrapped = (cause?: Error): DrizzleQueryError =>
  new DrizzleQueryError("insert into users values ($1)", [EMAIL], cause);

const connectError = (sourceError: unknown): NeonDbError =>
  Object.assign(new NeonDbError(`Error connecting to database: ${String(sourceError)}`), { sourceError });

const textOf = (error: unknown): string => `${textsOf(error).join("\n")}\n${JSON.stringify(describeError(error))}`;

test("the search for leaks finds one that is planted in a cause", ({ expect }) => {
  const planted = new AppError("internal-error", { cause: new Error("x", { cause: wrapped(sqlError("23505")) }) });
  expect(textsOf(planted).join("\n")).toContain(EMAIL);
});

/** Connection, authorization, resources, shutdown, lost races, read-only, and a schema that is not migrated yet. */
const UNAVAILABLE =
  "08000 08001 08003 08004 08006 08P01 28000 28P01 3D000 53000 53100 53200 53300 53400 57P01 57P02 57P03 57P04 57P05 " +
  "58000 58030 40001 40P01 55P03 25006 42P01 42703 42883 XX000 XX001";

/** Statements or values that should never have been sent. */
const OUR_MISTAKE =
  "0A000 21000 22001 22007 22021 22P02 23000 23502 23503 23P01 42501 42601 42804 42P02 42P18 54000 P0001";

const SQL_ERRORS: readonly (readonly [ErrorCode, string, string?])[] = [
  ["username-taken", "23505", "users_username_key"],
  ["email-taken", "23505", "users_email_key"],
  ["internal-error", "23505", "users_pkey"],
  ["internal-error", "23505", "idempotency_keys_pkey"],
  ["internal-error", "23505"],
  ["validation-failed", "23514", "users_username_valid"],
  ["validation-failed", "23514", "users_email_valid"],
  ["validation-failed", "23514", "users_full_name_valid"],
  ["internal-error", "23514", "users_updated_at_valid"],
  ["internal-error", "23514", "users_version_valid"],
  ["internal-error", "23514"],
  // A name decides only together with its SQLSTATE.
  ["internal-error", "23514", "users_email_key"],
  ["internal-error", "23505", "users_email_valid"],
  ["internal-error", "23503", "users_email_key"],
  ["deadline-exceeded", "57014"],
  ...UNAVAILABLE.split(" ").map((sqlState) => ["database-unavailable", sqlState] as const),
  ...OUR_MISTAKE.split(" ").map((sqlState) => ["internal-error", sqlState] as const),
];

describe("an error of PostgreSQL", () => {
  test.for(SQL_ERRORS)(
    "becomes %s for SQLSTATE %s %s, bare or wrapped by drizzle",
    ([code, sqlState, name], { expect }) => {
      const fields = name === undefined ? {} : { constraint: name };
      for (const thrown of [sqlError(sqlState, fields), wrapped(sqlError(sqlState, fields))]) {
        const error = translateDatabaseError(thrown);
        expect(error).toBeInstanceOf(AppError);
        expect(error.code).toBe(code);
        expect(error.cause).toBeInstanceOf(DatabaseError);
        expect(error.cause).toMatchObject({ message: `SQLSTATE ${sqlState}`, sqlState, constraint: name ?? null });
      }
    },
  );

  test.for(SQL_ERRORS)("keeps no parameter of the statement (%s for %s %s)", ([, sqlState, name], { expect }) => {
    const fields = name === undefined ? {} : { constraint: name };
    for (const thrown of [sqlError(sqlState, fields), wrapped(sqlError(sqlState, fields))]) {
      expect(textOf(translateDatabaseError(thrown))).not.toContain(EMAIL);
    }
  });

  test.for([
    ["users_username_valid", "username"],
    ["users_email_valid", "email"],
    ["users_full_name_valid", "full_name"],
  ])("about the constraint %s names the field %s", ([constraint = "", field], { expect }) => {
    expect(translateDatabaseError(wrapped(sqlError("23514", { constraint }))).issues).toEqual([
      { field, code: "invalid_format", detail: "The database refuses this value." },
    ]);
  });

  test.for([EMAIL, `23505 ${EMAIL}`, "23505\n", "2350", "eins1"])(
    "is none when there is a text in the place of its SQLSTATE or constraint: %j",
    (text, { expect }) => {
      const stateless = translateDatabaseError(sqlError(text));
      expect(describeError(stateless)).toMatchObject({
        cause: { message: "The database's proxy refused with status 400" },
      });
      const nameless = translateDatabaseError(sqlError("23505", { constraint: `${text}!` }));
      expect(nameless.cause).toMatchObject({ message: "SQLSTATE 23505", constraint: null });
      for (const error of [stateless, nameless]) expect(textOf(error)).not.toContain(EMAIL);
    },
  );

  test("tells the log its SQLSTATE and constraint, and nothing else", ({ expect }) => {
    const error = translateDatabaseError(wrapped(sqlError("23505", { constraint: "users_email_key" })));
    expect(describeError(error)).toEqual({
      name: "AppError",
      message: "email-taken",
      cause: {
        name: "DatabaseError",
        message: "SQLSTATE 23505",
        sql_state: "23505",
        constraint: "users_email_key",
      },
    });
  });
});

describe("a refusal without an SQLSTATE", () => {
  test.for<[string, ErrorCode]>([
    ["password authentication failed for user 'app'", "database-unavailable"],
    ["Control plane request failed: endpoint not found", "database-unavailable"],
    ["Couldn't connect to compute node", "database-unavailable"],
    ["", "database-unavailable"],
    ["Server error (HTTP status 401): ", "database-unavailable"],
    ["Server error (HTTP status 404): ", "database-unavailable"],
    ["Server error (HTTP status 429): slow down", "database-unavailable"],
    ["Server error (HTTP status 500): Too many connections to this endpoint.", "database-unavailable"],
    ["Server error (HTTP status 502): <html>Bad Gateway</html>", "database-unavailable"],
    ["Server error (HTTP status 503): <html>413 or 507</html>", "database-unavailable"],
    ["Server error (HTTP status 413): request is too large (max is 10485760 bytes)", "database-unavailable"],
    ["Server error (HTTP status 507): response is too large (max is 10485760 bytes)", "database-unavailable"],
    ["Server error (HTTP status 502): <html>upstream said (HTTP status 507)</html>", "database-unavailable"],
  ])("%j becomes %s, bare or wrapped by drizzle", ([message, code], { expect }) => {
    for (const empty of [undefined, ""]) {
      const refusal = Object.assign(new NeonDbError(message), { code: empty });
      for (const thrown of [refusal, wrapped(refusal)]) {
        const error = translateDatabaseError(thrown);
        expect(error.code).toBe(code);
        expect(error.cause).toMatchObject({ name: "DatabaseError", sqlState: null, constraint: null });
        expect(textOf(error)).not.toContain(EMAIL);
      }
    }
  });

  test.for([
    [`password authentication failed for user '${EMAIL}'`, "status 400: the credentials are refused"],
    [
      `Database connection string is not a valid URL. Connection string: postgresql://u:${EMAIL}@h/d`,
      "status 400: the connection string is refused",
    ],
    [`Server error (HTTP status 502): <html>${EMAIL}</html>`, "status 502"],
    [`Server error (HTTP status 507): ${EMAIL}`, "status 507: too large"],
    [`Server error (HTTP status ${EMAIL}): x`, "status 400"],
    [`${EMAIL} Server error (HTTP status 500): x`, "status 400"],
  ])(
    "reaches the log as a class of its own, without a word of its text: %j is %s",
    ([message = "", kind], { expect }) => {
      const error = translateDatabaseError(wrapped(new NeonDbError(message)));
      expect(describeError(error)).toMatchObject({ cause: { message: `The database's proxy refused with ${kind}` } });
      expect(textOf(error)).not.toContain(EMAIL);
    },
  );
});

describe("a fetch that failed", () => {
  const cause = (name: string, message: string) => Object.assign(new Error(message), { name });

  test.for<[string, unknown, ErrorCode]>([
    ["a lost connection", new Error("Network connection lost."), "database-unavailable"],
    ["a refused connection", new TypeError("fetch failed"), "database-unavailable"],
    ["a reason that is no error", "gone", "database-unavailable"],
    ["a reason of null", null, "database-unavailable"],
    ["a deadline", new DOMException("The operation timed out.", "TimeoutError"), "deadline-exceeded"],
    ["an abort", new DOMException("This operation was aborted", "AbortError"), "deadline-exceeded"],
    ["a deadline that is a plain Error", cause("TimeoutError", "timed out"), "deadline-exceeded"],
    ["another DOMException", new DOMException("no", "NetworkError"), "database-unavailable"],
  ])("before an answer came, for %s, becomes %s", ([, source, code], { expect }) => {
    for (const thrown of [connectError(source), wrapped(connectError(source))]) {
      const error = translateDatabaseError(thrown);
      expect(error.code).toBe(code);
      expect(error.cause).toBeInstanceOf(DatabaseError);
      expect(textOf(error)).not.toContain(EMAIL);
    }
  });

  test.for(["TimeoutError", "AbortError"])(
    "while the answer was read (%s) is a passed deadline",
    (name, { expect }) => {
      const thrown = new DOMException("The operation was aborted", name);
      for (const error of [translateDatabaseError(thrown), translateDatabaseError(wrapped(thrown))]) {
        expect(error.code).toBe("deadline-exceeded");
        expect(error.cause).toBeInstanceOf(DatabaseError);
        expect(textOf(error)).not.toContain(EMAIL);
      }
    },
  );

  test.for([
    ["an error", new TypeError(`connect to postgresql://u:${EMAIL}@h/d failed`), "TypeError"],
    ["a DOMException", new DOMException(EMAIL, "NetworkError"), "NetworkError"],
    ["an error whose name is a text", cause(EMAIL, "no"), "unknown reason"],
    ["an error with an endless name", cause("E".repeat(10_000), "no"), "unknown reason"],
    ["a text", EMAIL, "unknown reason"],
  ] as const)("tells the log the name of %s, and none of its text", ([, source, name], { expect }) => {
    const error = translateDatabaseError(connectError(source));
    expect(error.cause).toHaveProperty("message", `The database cannot be reached: ${name}`);
    expect(textOf(error)).not.toContain(EMAIL);
  });
});

describe("an answer that is not what the driver expects", () => {
  test("and not JSON becomes database-unavailable, without the text that could not be parsed", ({ expect }) => {
    let thrown: unknown;
    try {
      JSON.parse(`<html>${EMAIL}</html>`);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SyntaxError);
    const asDrizzle = wrapped(thrown instanceof Error ? thrown : undefined);
    for (const error of [translateDatabaseError(thrown), translateDatabaseError(asDrizzle)]) {
      expect(error.code).toBe("database-unavailable");
      expect(textOf(error)).not.toContain(EMAIL);
    }
  });

  test("that breaks off is infrastructure too: workerd says so in an error of its own", ({ expect }) => {
    const broken = new Error("Network connection lost.");
    for (const thrown of [broken, wrapped(broken)]) {
      expect(translateDatabaseError(thrown).code).toBe("database-unavailable");
    }
  });

  test.for([undefined, null, "text", 42, new TypeError(`rows of ${EMAIL}`), wrapped()])(
    "such as a thrown %s leaves open what happened",
    (thrown, { expect }) => {
      const failure = classifyFailure(thrown);
      expect(failure).toMatchObject({ code: "database-unavailable", effect: "unknown", isInfrastructure: true });
      expect(textOf(toAppError(failure, "write"))).not.toContain(EMAIL);
    },
  );
});
