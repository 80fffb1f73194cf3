import pg from "pg";
import { describe, test } from "vitest";

import { connectError, errorBody, GatewayError, statementError } from "../../../tools/dev/gateway/errors.ts";

function databaseError(code: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, 1, "error");
  error.code = code;
  error.severity = "FATAL";
  return error;
}

describe("while connecting", () => {
  test.for([
    ["3D000", 400, "3D000"],
    ["53300", 500, "53300"],
    ["57P03", 500, "57P03"],
    ["28P01", 400, ""],
    ["28000", 400, ""],
  ] as const)("%s is answered with %i", ([code, status, answeredCode], { expect }) => {
    const failure = connectError(databaseError(code, "refused"));
    expect([failure.status, JSON.parse(errorBody(failure))]).toMatchObject([
      status,
      { message: "refused", code: answeredCode },
    ]);
  });

  test("a server that cannot be reached is a 500 without a code", ({ expect }) => {
    const failure = connectError(new Error("connect ECONNREFUSED 127.0.0.1:5432"));
    expect([failure.status, JSON.parse(errorBody(failure))]).toMatchObject([
      500,
      { message: "Couldn't connect to compute node", code: "", severity: "", detail: null },
    ]);
  });
});

describe("while a statement runs", () => {
  test("PostgreSQL's errors are the caller's, fatal ones too", ({ expect }) => {
    expect(statementError(databaseError("57P01", "terminating connection"))).toMatchObject({
      status: 400,
      fields: { code: "57P01", severity: "FATAL" },
    });
  });

  test("a connection that breaks is a 400 without a code, its outcome unknown", ({ expect }) => {
    const failure = statementError(new Error("Connection terminated unexpectedly"));
    expect([failure.status, JSON.parse(errorBody(failure))]).toMatchObject([
      400,
      { message: "connection closed", code: "" },
    ]);
  });

  test("the gateway's own refusals keep their status", ({ expect }) => {
    const refusal = new GatewayError(507, "response is too large (max is 1 bytes)");
    expect(statementError(refusal)).toBe(refusal);
  });
});
