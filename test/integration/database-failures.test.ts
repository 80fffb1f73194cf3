import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import type { Fault } from "../../tools/dev/gateway/index.ts";
import { refillRetryBudget } from "../support/retry-budget.ts";
import { startStack, type Stack } from "../support/stack.ts";

const USERS = "/api/v1/users";
const REQUEST_TIMEOUT_MS = 1_500;
/** That one of these tests needs: three operations, each with two. */
const MOST_RETRIES = 6;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) } });
});

afterEach(async () => {
  stack.gateway.clearFaults();
  await refillRetryBudget(stack, MOST_RETRIES);
});

afterAll(async () => {
  await stack.stop();
});

interface Answer {
  readonly status: number;
  readonly code: string | null;
  readonly body: string;
}

async function answerOf(response: Response): Promise<Answer> {
  const body = await response.text();
  const type: unknown = response.status >= 400 ? JSON.parse(body).type : null;
  return { status: response.status, code: typeof type === "string" ? type.replace("/problems/", "") : null, body };
}

let created = 0;

/** A user that no other test makes; gives the answer, how many statements were sent, and how many such users there are. */
async function create(headers: Record<string, string> = {}) {
  const username = `faulty${(created += 1)}`;
  stack.gateway.resetStats();
  const input = { username, email: `${username}@example.com`, full_name: "Ada" };
  const answer = await answerOf(await stack.sendJson(USERS, input, { headers }));
  const sent = stack.gateway.stats.requests;
  const { rowCount } = await stack.sql.query("select from users where username = $1", [username]);
  return { ...answer, sent, rows: rowCount };
}

const createKeyed = () => create({ "Idempotency-Key": `key-${crypto.randomUUID()}` });

async function list() {
  stack.gateway.resetStats();
  const answer = await answerOf(await stack.request(`${USERS}?limit=1`));
  return { ...answer, sent: stack.gateway.stats.requests };
}

interface Row {
  readonly fault: Fault;
  /** Problem of a read, and of a keyed creation, that meet the fault each time. */
  readonly code?: string;
  /** Problem of a creation without a key; of the others' when absent. */
  readonly unkeyed?: string;
  /** The statement has run. */
  readonly hasRun?: true;
  /** The same statement is worth sending again; where it has no effect, also an un-keyed write. */
  readonly isRetried: "always" | "unless-write" | "never";
}

const http = (status: number, body: string, contentType = "application/json"): Fault => ({
  kind: "http",
  status,
  body,
  contentType,
});
const sqlError = (status: number, code: string): Fault =>
  http(status, JSON.stringify({ message: "secret of the database", code, severity: "ERROR" }));
const proxyError = (status: number, message: string): Fault =>
  http(status, JSON.stringify({ message, code: "", severity: "" }));

const UNAVAILABLE = { code: "database-unavailable" } as const;
/** Nothing has happened, and it may be over in a moment. */
const NOT_RUN = { ...UNAVAILABLE, isRetried: "always" } as const;
/** Nothing has happened, and it will be the same again. */
const REFUSED = { ...UNAVAILABLE, isRetried: "never" } as const;
/** It may have happened. */
const UNKNOWN = { ...UNAVAILABLE, unkeyed: "outcome-unknown", isRetried: "unless-write" } as const;
const HTML = "<html>secret of a balancer</html>";

/** Every row of the table in docs/resilience.md that a gateway can bring about. */
const ROWS: Readonly<Record<string, Row>> = {
  "a connection that is reset before the statement": { ...UNKNOWN, fault: { kind: "reset", when: "before" } },
  "a connection that is reset after the statement": {
    ...UNKNOWN,
    hasRun: true,
    fault: { kind: "reset", when: "after" },
  },
  "an answer of which half comes": { ...UNKNOWN, hasRun: true, fault: { kind: "cut-body" } },
  "an answer that breaks off": { ...UNKNOWN, hasRun: true, fault: { kind: "cut-body", how: "disconnect" } },
  "a page with status 200": { ...UNKNOWN, fault: http(200, HTML, "text/html") },
  "a page with status 400": { ...UNKNOWN, fault: http(400, HTML, "text/html") },
  "a page with status 502": { ...UNKNOWN, fault: http(502, HTML, "text/html") },
  "a page with status 503": { ...UNKNOWN, fault: http(503, HTML, "text/html") },
  "JSON of another shape": { ...UNKNOWN, fault: http(200, '{"hello":"secret"}') },
  "JSON that is no object": { ...UNKNOWN, fault: http(200, "null") },
  "rows without a result": { ...UNKNOWN, fault: http(200, '{"rows":[],"fields":[]}') },
  "a 400 without a code that nobody knows": { ...UNKNOWN, fault: proxyError(400, "secret of the proxy") },
  "a 400 that refuses the credentials": {
    ...REFUSED,
    fault: proxyError(400, "password authentication failed for user 'x'"),
  },
  "a 400 of a compute that is disabled": { ...NOT_RUN, fault: { kind: "wake-up", status: 400 } },
  "a 413": { ...REFUSED, fault: http(413, "request is too large (max is 10485760 bytes)") },
  "a redirect": { ...UNAVAILABLE, unkeyed: "outcome-unknown", isRetried: "never", fault: http(302, "secret") },
  "a 500 that nobody knows": { ...UNKNOWN, fault: proxyError(500, "secret of the proxy") },
  "a 500 without a body": { ...UNKNOWN, fault: http(500, "") },
  "a 500 of a compute that does not wake": { ...NOT_RUN, fault: { kind: "wake-up" } },
  "a 500 for too many connections at the proxy": {
    ...NOT_RUN,
    fault: proxyError(500, "Too many connections to this endpoint. Please try again later."),
  },
  "a 500 without a permit to connect": {
    ...NOT_RUN,
    fault: proxyError(500, "Failed to acquire permit to connect to the database."),
  },
  "a 500 of a compute that cannot be reached": {
    ...NOT_RUN,
    fault: proxyError(500, "Couldn't connect to compute node"),
  },
  "a 500 of PostgreSQL with too many clients": { ...NOT_RUN, fault: sqlError(500, "53300") },
  "a 500 of PostgreSQL that is starting": { ...NOT_RUN, fault: sqlError(500, "57P03") },
  "a 507": {
    ...UNAVAILABLE,
    unkeyed: "outcome-unknown",
    isRetried: "never",
    fault: http(507, "response is too large (max is 10485760 bytes)"),
  },
  "a 507 after the statement": {
    ...UNAVAILABLE,
    unkeyed: "outcome-unknown",
    isRetried: "never",
    hasRun: true,
    fault: { kind: "http", when: "after", status: 507, body: "response is too large" },
  },
  "a session that is ended": { ...UNKNOWN, fault: sqlError(400, "57P01") },
  "a connection that breaks behind the proxy": { ...UNKNOWN, fault: sqlError(400, "08006") },
  "a serialization failure": { ...NOT_RUN, fault: sqlError(400, "40001") },
  "a deadlock": { ...NOT_RUN, fault: sqlError(400, "40P01") },
  "a lock that is not free": { ...NOT_RUN, fault: sqlError(400, "55P03") },
  "a full disk": { ...NOT_RUN, fault: sqlError(400, "53100") },
  "a database that is read-only": { ...REFUSED, fault: sqlError(400, "25006") },
  "a table that is not there": { ...REFUSED, fault: sqlError(400, "42P01") },
  "a database that is not there": { ...REFUSED, fault: sqlError(400, "3D000") },
  "a statement that PostgreSQL cancelled": {
    code: "deadline-exceeded",
    isRetried: "never",
    fault: sqlError(400, "57014"),
  },
  "a statement that should never have been sent": {
    code: "internal-error",
    isRetried: "never",
    fault: sqlError(400, "42601"),
  },
};

const STATUSES: Readonly<Record<string, number>> = { "deadline-exceeded": 504, "internal-error": 500 };
const statusOf = (code: string): number => STATUSES[code] ?? 503;
const MAX_ATTEMPTS = 3;

describe.for(Object.entries(ROWS))("%s", ([, { fault, code = "", unkeyed = code, hasRun, isRetried }]) => {
  const once = { ...fault, times: 1 };

  test("each time: the problem that it stands for, and nothing of its text", async ({ expect }) => {
    stack.gateway.inject(fault);
    const read = await list();
    const keyed = await createKeyed();
    const attempts = isRetried === "never" ? 1 : MAX_ATTEMPTS;
    expect(read).toMatchObject({ status: statusOf(code), code, sent: attempts });
    expect(keyed).toMatchObject({ status: statusOf(code), code, sent: attempts, rows: hasRun ? 1 : 0 });
    stack.gateway.clearFaults();
    // So that failures do not come in a row that opens the circuit.
    expect(await list()).toMatchObject({ status: 200, sent: 1 });
    stack.gateway.inject(fault);
    const plain = await create();
    expect(plain).toMatchObject({ status: statusOf(unkeyed), code: unkeyed, rows: hasRun ? 1 : 0 });
    expect(plain.sent).toBe(isRetried === "always" ? MAX_ATTEMPTS : 1);
    expect(`${read.body}${keyed.body}${plain.body}`).not.toMatch(
      /secret|html|too large|permit|compute|SQLSTATE|40P01|42P01|42601/i,
    );
  });

  test("once: whatever can be repeated is, and has its effect once", async ({ expect }) => {
    stack.gateway.inject(once);
    expect(await list()).toMatchObject(isRetried === "never" ? { code } : { status: 200, sent: 2 });
    stack.gateway.inject(once);
    expect(await createKeyed()).toMatchObject(isRetried === "never" ? { code } : { status: 201, sent: 2, rows: 1 });
    stack.gateway.inject(once);
    expect(await create()).toMatchObject(
      isRetried === "always" ? { status: 201, sent: 2, rows: 1 } : { code: unkeyed, sent: 1, rows: hasRun ? 1 : 0 },
    );
  });
});

describe("an answer that does not come in time", () => {
  test.for<[string, Fault, number]>([
    ["before the statement", { kind: "slow", when: "before", delayMs: 30_000 }, 0],
    ["after the statement", { kind: "slow", when: "after", delayMs: 30_000 }, 1],
    ["after half of the answer", { kind: "slow-body", delayMs: 30_000 }, 1],
  ])("%s: 504, which says of a change that it may have been made", async ([, fault, rows], { expect }) => {
    stack.gateway.inject(fault);
    const [read, plain, keyed] = [await list(), await create(), await createKeyed()];
    expect(read).toMatchObject({ status: 504, code: "deadline-exceeded", sent: 1 });
    expect(plain).toMatchObject({ status: 504, code: "deadline-exceeded", sent: 1, rows });
    expect(keyed).toMatchObject({ status: 504, code: "deadline-exceeded", sent: 1, rows });
    expect(JSON.parse(read.body).detail).not.toContain("may have been made");
    for (const { body } of [plain, keyed]) expect(JSON.parse(body).detail).toContain("may have been made");
  });
});

describe("a change whose outcome is unknown", () => {
  test("says so, and how to find out; the next request with the same key gives the answer", async ({ expect }) => {
    const input = { username: "lostada", email: "lostada@example.com", full_name: "Ada" };
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    const plain = await stack.sendJson(USERS, input);
    expect(await plain.json()).toMatchObject({ type: "/problems/outcome-unknown", status: 503 });
    expect(plain.headers.has("Retry-After")).toBe(false);
    expect((await stack.request(`${USERS}/username/lostada`)).status).toBe(200);

    const keyed = { ...input, username: "keyedada", email: "keyedada@example.com" };
    const headers = { "Idempotency-Key": "a-key-of-ada" };
    stack.gateway.inject({ kind: "reset", when: "after", times: MAX_ATTEMPTS });
    const first = await stack.sendJson(USERS, keyed, { headers });
    expect(await first.json()).toMatchObject({ type: "/problems/database-unavailable", status: 503 });
    expect(first.headers.has("Retry-After")).toBe(true);
    const second = await stack.sendJson(USERS, keyed, { headers });
    expect({ status: second.status, replayed: second.headers.get("Idempotent-Replayed") }).toEqual({
      status: 201,
      replayed: "true",
    });
  });

  test.for([
    ["PATCH", "outcome-unknown", 1],
    ["DELETE", null, 2],
  ] as const)("%s: is repeated only where twice is once", async ([method, code, sent], { expect }) => {
    const name = `change${method.toLowerCase()}`;
    const made = await stack.sendJson(USERS, { username: name, email: `${name}@example.com`, full_name: "Ada" });
    const { id } = JSON.parse(await made.text());
    stack.gateway.resetStats();
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    const path = `${USERS}/id/${id}`;
    const response =
      method === "PATCH"
        ? await stack.sendJson(path, { full_name: "Countess" }, { method })
        : await stack.request(path, { method });
    const answer = response.status === 204 ? { code: null } : await answerOf(response);
    expect({ code: answer.code, sent: stack.gateway.stats.requests }).toEqual({ code, sent });
  });

  test("DELETE under a condition is not repeated: its second answer would be wrong", async ({ expect }) => {
    const made = await stack.sendJson(USERS, { username: "gone", email: "gone@example.com", full_name: "Ada" });
    const { id } = JSON.parse(await made.text());
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    const headers = { "If-Match": made.headers.get("ETag") ?? "" };
    const answer = await answerOf(await stack.request(`${USERS}/id/${id}`, { method: "DELETE", headers }));
    expect(answer).toMatchObject({ status: 503, code: "outcome-unknown" });
  });
});
