// Compiled, never run: how errors narrow. Uses the package as its users do.
import { isProblem, type Problem, type ProblemCode, UsersApiError, UsersNetworkError } from "users-api-client";

export function narrow(error: unknown): void {
  // @ts-expect-error -- nothing is known about the error yet
  void error.code;

  if (isProblem(error, "username-taken")) {
    error.code satisfies "username-taken";
    error.problem satisfies Problem;
    error.status satisfies number;
    // @ts-expect-error -- it is this problem and no other
    error.code satisfies "email-taken";
  }
  if (isProblem(error, "username-taken", "email-taken")) {
    error.code satisfies "username-taken" | "email-taken";
    // @ts-expect-error -- it may be the other one
    error.code satisfies "email-taken";
  }
  if (isProblem(error)) {
    error.code satisfies ProblemCode;
    error.errors[0]?.code satisfies "required" | "too_short" | (string & {}) | undefined;
    error.problem.detail satisfies string;
  }
  if (error instanceof UsersApiError) {
    error.requestId satisfies string | null;
    error.traceId satisfies string | null;
    // @ts-expect-error -- a proxy's error page is no problem of the API
    error.problem satisfies Problem;
    // @ts-expect-error -- and has no code
    error.code satisfies ProblemCode;
    // @ts-expect-error -- problems are read, not written
    error.status = 200;
  }
  if (error instanceof UsersNetworkError) {
    error.cause satisfies unknown;
    // @ts-expect-error -- no answer, no status
    void error.status;
  }
  // @ts-expect-error -- no problem has this code
  void isProblem(error, "user-name-taken");
}

export const known: ProblemCode = "quota-exceeded";
// @ts-expect-error -- the union of codes is closed
export const unknown: ProblemCode = "teapot";

/** The input errors have a closed set of codes as well. */
export function isMissing(error: UsersApiError): boolean {
  // @ts-expect-error -- no input error has this code
  void error.errors.some(({ code }) => code === "missing");
  return error.errors.some(({ code }) => code === "required");
}
