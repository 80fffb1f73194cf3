import { NeonDbError } from "@neondatabase/serverless";
import { describe, test } from "vitest";

import { toAppError } from "../../src/db/errors.ts";
import { classifyFailure } from "../../src/db/failures.ts";

const sqlError = (code: string) => Object.assign(new NeonDbError("ERROR"), { code });
const refusal = (message: string) => Object.assign(new NeonDbError(message), { code: "" });
const server = (status: number, text = "") => refusal(`Server error (HTTP status ${status}): ${text}`);
const lost = (sourceError: Error) => Object.assign(new NeonDbError("Error connecting to database"), { sourceError });

/** What must never be repeated after it: the statement may have had its effect. */
const MAY_HAVE_RUN: readonly (readonly [string, unknown])[] = [
  ["a connection that was refused or lost", lost(new Error("Network connection lost."))],
  ["a deadline before the answer", lost(new DOMException("late", "TimeoutError"))],
  ["a deadline within the answer", new DOMException("late", "TimeoutError")],
  ["an answer that is not JSON", new SyntaxError("Unexpected token")],
  ["an answer of another shape", new TypeError("rows is undefined")],
  ["an answer that broke off", new Error("Network connection lost.")],
  ["a page of a load balancer", server(502, "<html>too many connections</html>")],
  ["another page of a load balancer", server(503, "<html></html>")],
  ["a 500 that nobody knows", server(500, "could not serialize the rows")],
  ["a 400 that nobody knows", refusal("something new")],
  ["an answer that is too large", server(507)],
  ["a session that was ended", sqlError("57P01")],
  ["a crash of another session", sqlError("57P02")],
  ["a connection that broke", sqlError("08006")],
  ["a cancelled query whose connection went away", sqlError("08P01")],
  ["a statement whose completion is unknown", sqlError("40003")],
];

/** What certainly had no effect, and may be over in a moment. */
const SOON_OVER: readonly (readonly [string, unknown])[] = [
  ["too many connections at the proxy", server(500, '{"message":"Too many connections to this endpoint."}')],
  ["no permit to connect", server(500, '{"message":"Failed to acquire permit to connect to the database."}')],
  ["a compute that cannot be reached", server(500, '{"message":"Couldn\'t connect to compute node"}')],
  ["a compute that does not wake", server(500, '{"message":"Control plane request failed: try later"}')],
  ["too many connections in PostgreSQL", server(500, '{"message":"sorry","code":"53300"}')],
  ["PostgreSQL that is starting", server(500, '{"message":"starting up","code":"57P03"}')],
  ["too many connections with a code", sqlError("53300")],
  ["a serialization failure", sqlError("40001")],
  ["a deadlock", sqlError("40P01")],
  ["a lock that was not free", sqlError("55P03")],
];

/** What certainly had no effect, and will be the same again. */
const TO_STAY: readonly (readonly [string, unknown])[] = [
  ["a wrong password", refusal("password authentication failed for user 'app'")],
  ["a wrong connection string", refusal("Connection string is invalid")],
  ["a request that is too large", server(413)],
  ["a role that may not log in", sqlError("28P01")],
  ["a database that is not there", sqlError("3D000")],
  ["a table that is not there", sqlError("42P01")],
  ["a database that is read-only", sqlError("25006")],
  ["a unique violation", sqlError("23505")],
  ["a statement that was cancelled", sqlError("57014")],
  ["a mistake of ours", sqlError("42601")],
];

describe("whether a statement may have run", () => {
  test.for(MAY_HAVE_RUN)("after %s: it may", ([, thrown], { expect }) => {
    expect(classifyFailure(thrown).effect).toBe("unknown");
  });

  test.for([...SOON_OVER, ...TO_STAY])("after %s: it has not", ([, thrown], { expect }) => {
    expect(classifyFailure(thrown).effect).toBe("none");
  });
});

describe("whether it is soon over", () => {
  test.for(SOON_OVER)("%s: yes", ([, thrown], { expect }) => {
    expect(classifyFailure(thrown).isTransient).toBe(true);
  });

  test.for(TO_STAY)("%s: no", ([, thrown], { expect }) => {
    expect(classifyFailure(thrown).isTransient).toBe(false);
  });
});

describe("what the circuit breaker counts", () => {
  /** The database answered, or our own time was up, or the fault is in what we sent. */
  const NOT_COUNTED =
    /deadline|serialization|deadlock|lock that|too large|not there|read-only|unique|was cancelled|mistake/;

  test.for([...MAY_HAVE_RUN, ...SOON_OVER, ...TO_STAY])("%s", ([name, thrown], { expect }) => {
    const isCounted = !NOT_COUNTED.test(name) || name === "a database that is not there";
    expect(classifyFailure(thrown).isInfrastructure).toBe(isCounted);
  });
});

describe("what a request fails with when its statement may have run", () => {
  const failure = classifyFailure(lost(new Error("Network connection lost.")));
  const late = classifyFailure(new DOMException("late", "TimeoutError"));

  test("a read: the database is unavailable", ({ expect }) => {
    expect(toAppError(failure, "read")).toMatchObject({ code: "database-unavailable", isOutcomeUnknown: false });
    expect(toAppError(late, "read")).toMatchObject({ code: "deadline-exceeded", isOutcomeUnknown: false });
  });

  test("a write that may be repeated: unavailable, and the outcome is unknown until it is", ({ expect }) => {
    expect(toAppError(failure, "repeatable-write")).toMatchObject({
      code: "database-unavailable",
      isOutcomeUnknown: true,
    });
  });

  test("any other write: nobody knows", ({ expect }) => {
    expect(toAppError(failure, "write")).toMatchObject({ code: "outcome-unknown", isOutcomeUnknown: true });
    expect(toAppError(late, "write")).toMatchObject({ code: "deadline-exceeded", isOutcomeUnknown: true });
  });

  test("the cause stays with it, for the log", ({ expect }) => {
    expect(toAppError(failure, "write").cause).toBe(failure.cause);
  });
});
