import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../rpc/src/gen/google/rpc/error_details_pb.ts";
import { ListUsersRequestSchema, UserSort } from "../../rpc/src/gen/users/v1/users_pb.ts";
import { RPC_NAME } from "../../tools/rpc/rpc-worker.ts";
import { postJson, SERVICE } from "../support/rpc-messages.ts";
import { createUsersRpcClient, PROTOCOLS, rpcCompanions } from "../support/rpc-stack.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "a-key-of-this-test-0123456789abcdef";
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

let stack: Stack;
let url: URL;

beforeAll(async () => {
  stack = await startStack({ vars: { API_KEY }, companions: await rpcCompanions() });
  url = await stack.urlOf(RPC_NAME);
});

afterEach(() => {
  stack.gateway.clearFaults();
});

afterAll(async () => {
  await stack.stop();
});

/** What a call fails with. */
async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  return await call.then(
    () => Promise.reject(new Error("the call succeeded")),
    (error: unknown) => ConnectError.from(error),
  );
}

const reasonOf = (error: ConnectError): string | undefined => error.findDetails(ErrorInfoSchema)[0]?.reason;

describe.for(PROTOCOLS)("a generated client by %s", (protocol) => {
  const name = protocol.replaceAll(/[^A-Za-z]/g, "");
  const input = { username: name, email: `${name}@Example.com`, fullName: "Ada Lovelace" };

  test("creates, reads, lists, changes and deletes a user", async ({ expect }) => {
    const client = createUsersRpcClient(url, protocol, API_KEY);
    const startedAt = Date.now() - 1_000;
    const created = await client.createUser({ ...input, idempotencyKey: `key "${protocol}"` });
    const { user, etag } = created;
    const id = user?.id ?? "";
    expect(user).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: name.toLowerCase(),
      email: `${name.toLowerCase()}@example.com`,
      fullName: "Ada Lovelace",
    });
    expect([created.replayed, etag]).toEqual([false, `"${id}.1"`]);
    const createdAt = user?.createdAt === undefined ? 0 : timestampDate(user.createdAt).getTime();
    expect(createdAt).toBeGreaterThan(startedAt);
    const again = await client.createUser({ ...input, idempotencyKey: `key "${protocol}"` });
    expect([again.replayed, again.user, again.etag]).toEqual([true, user, etag]);

    expect(await client.getUser({ id })).toMatchObject({ user, etag });
    expect(await client.getUserByUsername({ username: name.toUpperCase() })).toMatchObject({ user, etag });
    expect((await client.listUsers({ email: input.email })).users).toEqual([user]);

    const updated = await client.updateUser({ id, fullName: "Ada King", etag });
    expect(updated).toMatchObject({ user: { username: name.toLowerCase(), fullName: "Ada King" }, etag: `"${id}.2"` });
    expect((await client.updateUser({ id })).etag).toBe(updated.etag);
    const stale = await failureOf(client.updateUser({ id, fullName: "Ada Byron", etag }));
    expect([stale.code, reasonOf(stale)]).toEqual([Code.Aborted, "PRECONDITION_FAILED"]);

    expect(reasonOf(await failureOf(client.deleteUser({ id, etag })))).toBe("PRECONDITION_FAILED");
    await client.deleteUser({ id, etag: updated.etag });
    await client.deleteUser({ id });
    const gone = await failureOf(client.getUser({ id }));
    expect([gone.code, reasonOf(gone), gone.rawMessage]).toEqual([
      Code.NotFound,
      "USER_NOT_FOUND",
      "There is no such user.",
    ]);
  });

  test("walks the list by page tokens, in each order, within its filters", async ({ expect }) => {
    const client = createUsersRpcClient(url, protocol, API_KEY);
    const prefix = `walk${name}`.toLowerCase();
    for (const letter of ["a", "b", "c"]) {
      await client.createUser({
        username: prefix + letter,
        email: `${prefix}${letter}@example.com`,
        fullName: "Walker",
      });
    }
    const walk = async (sort: UserSort): Promise<readonly string[]> => {
      const names: string[] = [];
      const request = create(ListUsersRequestSchema, { sort, usernamePrefix: prefix, pageSize: 2 });
      do {
        const { users, nextPageToken } = await client.listUsers(request);
        names.push(...users.map(({ username }) => username.slice(prefix.length)));
        request.pageToken = nextPageToken;
      } while (request.pageToken !== "");
      return names;
    };
    expect(await walk(UserSort.USERNAME_ASC)).toEqual(["a", "b", "c"]);
    expect(await walk(UserSort.USERNAME_DESC)).toEqual(["c", "b", "a"]);
    expect(await walk(UserSort.CREATED_AT_ASC)).toEqual(["a", "b", "c"]);
    expect(await walk(UserSort.UNSPECIFIED)).toEqual(["c", "b", "a"]);
    const before = timestampFromDate(new Date("2001-01-01"));
    expect((await client.listUsers({ createdBefore: before })).users).toEqual([]);
    expect((await client.listUsers({ createdAfter: before, usernamePrefix: prefix })).users).toHaveLength(3);
  });

  test("learns what is wrong with a request, field by field", async ({ expect }) => {
    const client = createUsersRpcClient(url, protocol, API_KEY);
    const wrong = await failureOf(client.createUser({ username: "g!", email: "nobody", fullName: "" }));
    expect([wrong.code, reasonOf(wrong)]).toEqual([Code.InvalidArgument, "VALIDATION_FAILED"]);
    const [badRequest] = wrong.findDetails(BadRequestSchema);
    expect(badRequest?.fieldViolations.map(({ field, reason }) => [field, reason])).toEqual([
      ["username", "TOO_SHORT"],
      ["email", "INVALID_FORMAT"],
      ["full_name", "TOO_SHORT"],
    ]);
    const calls = [
      [() => client.listUsers({ pageSize: 101 }), "page_size"],
      [() => client.listUsers({ pageSize: -1 }), "page_size"],
      [() => client.listUsers({ usernamePrefix: "a b" }), "username_prefix"],
      [() => client.listUsers({ sort: 77 as UserSort }), "sort"],
      [() => client.getUser({ id: "no-uuid" }), "id"],
      [() => client.getUser({ id: ".." }), "id"],
      [() => client.getUserByUsername({ username: "" }), "username"],
      [() => client.deleteUser({ id: ABSENT, etag: "no tag" }), "etag"],
    ] as const;
    for (const [call, field] of calls) {
      const error = await failureOf(call());
      expect([error.code, error.findDetails(BadRequestSchema)[0]?.fieldViolations[0]?.field]).toEqual([
        Code.InvalidArgument,
        field,
      ]);
    }
    // JSON has no spelling for such a time, so that its client does not send it.
    if (!protocol.endsWith("JSON")) {
      const before = await failureOf(client.listUsers({ createdBefore: { seconds: -99_999_999_999n, nanos: 0 } }));
      expect([before.code, before.rawMessage]).toEqual([
        Code.InvalidArgument,
        "created_before: Give a time in the years 1 to 9999.",
      ]);
    }
    const token = await failureOf(client.listUsers({ pageToken: "tampered" }));
    expect([token.code, reasonOf(token)]).toEqual([Code.InvalidArgument, "INVALID_CURSOR"]);
  });

  test("learns of conflicts, of its credentials, and of its deadline", async ({ expect }) => {
    const client = createUsersRpcClient(url, protocol, API_KEY);
    const taken = { username: `taken${name}`, email: `taken${name}@example.com`, fullName: "First" };
    await client.createUser(taken);
    const conflict = await failureOf(client.createUser({ ...taken, email: "other@example.com" }));
    expect([conflict.code, reasonOf(conflict)]).toEqual([Code.AlreadyExists, "USERNAME_TAKEN"]);

    const anonymous = await failureOf(createUsersRpcClient(url, protocol).listUsers({}));
    expect([anonymous.code, reasonOf(anonymous)]).toEqual([Code.Unauthenticated, "MISSING_CREDENTIALS"]);
    expect(anonymous.metadata.get("WWW-Authenticate")).toContain("ApiKey");
    const wrong = await failureOf(createUsersRpcClient(url, protocol, "wrong").listUsers({}));
    expect([wrong.code, reasonOf(wrong)]).toEqual([Code.Unauthenticated, "INVALID_API_KEY"]);

    stack.gateway.inject({ kind: "slow", when: "before", delayMs: 1_000, times: 1 });
    const late = await failureOf(client.getUser({ id: ABSENT }, { timeoutMs: 100 }));
    expect(late.code).toBe(Code.DeadlineExceeded);
  });
});

describe("the RPC Worker beside the API, both in workerd", () => {
  test("makes one round trip to the database for a call, and one line in each log, of one request and trace", async ({
    expect,
  }) => {
    const before = stack.gateway.stats.requests;
    const headers = { "X-API-Key": API_KEY, "X-Request-ID": "rpc-and-api" };
    const response = await fetch(new URL(`${SERVICE}/GetUser`, url), postJson({ id: ABSENT }, headers));
    expect(response.status).toBe(404);
    expect(stack.gateway.stats.requests).toBe(before + 1);
    const events = stack.events().filter((event) => event["request_id"] === "rpc-and-api");
    expect(events.map(({ event, problem }) => [event, problem])).toEqual([
      ["request", "user-not-found"],
      ["rpc_request", "user-not-found"],
    ]);
    const [api, rpc] = events;
    expect(rpc?.["trace_id"]).toBe(api?.["trace_id"]);
    expect(response.headers.get("traceparent")).toBe(`00-${String(rpc?.["trace_id"])}-${String(rpc?.["span_id"])}-00`);
    expect(Number(rpc?.["api_ms"])).toBeLessThanOrEqual(Number(rpc?.["duration_ms"]));
  });

  test("keeps its connections after a refusal whose body nobody reads", async ({ expect }) => {
    for (let round = 0; round < 20; round++) {
      const type = round % 2 === 0 ? "text/plain" : "application/json";
      const body = JSON.stringify({ id: "x".repeat(200_000) });
      const response = await fetch(new URL(`${SERVICE}/GetUser`, url), { ...postJson(body, { "Content-Type": type }) });
      expect(response.status).toBe(round % 2 === 0 ? 415 : 429);
      await response.arrayBuffer();
    }
  });

  test("tells of an outage in every protocol, with the time to wait", async ({ expect }) => {
    stack.gateway.inject({ kind: "reset", when: "before" });
    for (const protocol of PROTOCOLS) {
      const outage = await failureOf(createUsersRpcClient(url, protocol, API_KEY).getUser({ id: ABSENT }));
      expect([outage.code, reasonOf(outage)]).toEqual([Code.Unavailable, "DATABASE_UNAVAILABLE"]);
      expect(Number(outage.findDetails(RetryInfoSchema)[0]?.retryDelay?.seconds)).toBeGreaterThan(0);
    }
  });
});
