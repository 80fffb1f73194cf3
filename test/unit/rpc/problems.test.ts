import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { describe, test } from "vitest";

import { CONNECT_ERRORS } from "../../../rpc/src/errors/connect-errors.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../../rpc/src/gen/google/rpc/error_details_pb.ts";
import { UsersService } from "../../../rpc/src/gen/users/v1/users_pb.ts";
import { isProblemCode, PROBLEM_TYPES } from "../../../src/http/problem-registry.ts";
import { answering, createTestRpc, RPC_ORIGIN } from "../../support/test-rpc.ts";

const codes = Object.keys(PROBLEM_TYPES).filter(isProblemCode);

const problem = (type: string, status: number, more: object = {}) => ({
  type: `/problems/${type}`,
  title: "A problem",
  status,
  detail: "What happened.",
  instance: "/api/v1/users",
  request_id: "the-request",
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  ...more,
});

/** What a client of each protocol learns when the API answers so. */
async function learn(body: object, headers: Record<string, string> = {}): Promise<readonly ConnectError[]> {
  const status = "status" in body && typeof body.status === "number" ? body.status : 500;
  const rpc = createTestRpc(answering(() => Response.json(body, { status, headers })));
  const options = { baseUrl: RPC_ORIGIN, fetch: rpc.fetch };
  const transports = [
    createConnectTransport(options),
    createConnectTransport({ ...options, useBinaryFormat: true, useHttpGet: true }),
    createGrpcWebTransport(options),
  ];
  return await Promise.all(
    transports.map(async (transport) => {
      try {
        await createClient(UsersService, transport).listUsers({});
      } catch (error) {
        return ConnectError.from(error);
      }
      throw new Error("the call succeeded");
    }),
  );
}

describe("a problem of the API over RPC", () => {
  test.for(codes)("%s has its code, its reason and its request", async (code, { expect }) => {
    const { status, retryAfterSeconds } = PROBLEM_TYPES[code];
    const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
    for (const error of await learn(problem(code, status), headers)) {
      expect(error.code).toBe(CONNECT_ERRORS[code].code);
      expect(error.rawMessage).toBe(CONNECT_ERRORS[code].message ?? "What happened.");
      expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
        {
          reason: code.replaceAll("-", "_").toUpperCase(),
          domain: "users-api",
          metadata: { request_id: "the-request" },
        },
      ]);
      const delays = error.findDetails(RetryInfoSchema).map(({ retryDelay }) => Number(retryDelay?.seconds));
      expect(delays).toEqual(retryAfterSeconds === undefined ? [] : [retryAfterSeconds]);
    }
  });

  test("names the fields of the message, by its own names", async ({ expect }) => {
    const errors = [
      { parameter: "limit", code: "out_of_range", detail: "Give 1 to 100." },
      { parameter: "cursor", code: "too_long", detail: "Too long." },
      { parameter: "username", code: "invalid_format", detail: "Give letters." },
      { parameter: "If-Match", code: "invalid_format", detail: "Give tags." },
      { parameter: "Idempotency-Key", code: "too_long", detail: "Shorter." },
      { pointer: "/full_name", code: "required", detail: "This is required." },
      { pointer: "", code: "invalid_type", detail: "Give an object." },
    ];
    for (const error of await learn(problem("validation-failed", 400, { errors }))) {
      const [badRequest] = error.findDetails(BadRequestSchema);
      expect(badRequest?.fieldViolations.map(({ field, reason }) => [field, reason])).toEqual([
        ["page_size", "OUT_OF_RANGE"],
        ["page_token", "TOO_LONG"],
        ["username_prefix", "INVALID_FORMAT"],
        ["etag", "INVALID_FORMAT"],
        ["idempotency_key", "TOO_LONG"],
        ["full_name", "REQUIRED"],
        ["", "INVALID_TYPE"],
      ]);
      expect(error.rawMessage).toMatch(/^page_size: Give 1 to 100\. .* Give an object\.$/);
    }
  });

  test("of a kind that only a newer API has is told by its status", async ({ expect }) => {
    for (const error of await learn(problem("of-the-future", 409))) {
      expect([error.code, error.rawMessage]).toEqual([Code.Aborted, "What happened."]);
      expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe("OF_THE_FUTURE");
    }
  });

  test.for([
    { status: 500 },
    { type: "/problems/user-not-found", status: "404", detail: "" },
    { type: "https://elsewhere/problem", status: 404, detail: "no" },
    [],
  ])("is not made of what is none: %j", async (body, { expect }) => {
    for (const error of await learn(body)) expect(error.code).toBe(Code.Unavailable);
  });
});
