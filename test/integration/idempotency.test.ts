import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import { ANONYMOUS } from "../../src/models/principal.ts";
import type { Fault } from "../../tools/dev/gateway/index.ts";
import { refillRetryBudget } from "../support/retry-budget.ts";
import { startStack, type Stack } from "../support/stack.ts";

const USERS = "/api/v1/users";
const ADA = { username: "ada", email: "ada@example.com", full_name: "Ada Lovelace" };
const GRACE = { username: "grace", email: "grace@example.com", full_name: "Grace Hopper" };

let stack: Stack;
let sql: Stack["sql"];

beforeAll(async () => {
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "5000" } });
  ({ sql } = stack);
});

beforeEach(async () => {
  await sql.query("truncate users, idempotency_keys");
});

afterEach(() => {
  stack.gateway.clearFaults();
});

afterAll(async () => {
  await stack.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

async function create(user: object, key: string | null = null): Promise<Answer> {
  const headers: Record<string, string> = key === null ? {} : { "Idempotency-Key": key };
  const response = await stack.sendJson(USERS, user, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

/** As a client does that wants its user, whatever the network does. */
async function createUntilAnswered(user: object, key: string | null): Promise<{ attempts: Answer[]; last: Answer }> {
  const attempts: Answer[] = [];
  for (;;) {
    const last = await create(user, key);
    attempts.push(last);
    if (last.status < 500 || attempts.length === 5) return { attempts, last };
  }
}

async function usernames(): Promise<string[]> {
  const { rows } = await sql.query<{ username: string }>("select username from users order by username");
  return rows.map(({ username }) => username);
}

async function keys(): Promise<string[]> {
  const { rows } = await sql.query<{ key: string }>("select key from idempotency_keys order by key");
  return rows.map(({ key }) => key);
}

/** A fault that can be aimed at one kind of statement. */
type StatementFault = Exclude<Fault, { kind: "refuse" }>;

const LOST_ANSWERS: readonly [string, StatementFault][] = [
  ["the connection is killed", { kind: "reset", when: "after", times: 1 }],
  ["a proxy answers 502 instead", { kind: "http", when: "after", status: 502, body: "<html></html>", times: 1 }],
  ["half of the answer arrives", { kind: "cut-body", times: 1 }],
  ["the connection breaks within the answer", { kind: "cut-body", how: "disconnect", times: 1 }],
];

/** A keyed creation is sent so often before its client has to repeat it (src/db/database.ts). */
const ATTEMPTS_OF_THE_SERVICE = 3;

describe("Between commit and answer", () => {
  test.for(LOST_ANSWERS)("%s: a retry with the same key gets the committed user", async ([, fault], { expect }) => {
    await refillRetryBudget(stack, ATTEMPTS_OF_THE_SERVICE);
    stack.gateway.inject({ ...fault, match: "idempotency_keys", times: ATTEMPTS_OF_THE_SERVICE });
    const { attempts, last } = await createUntilAnswered(ADA, "lost-answer");
    expect(attempts.map(({ status }) => status)).toEqual([503, 201]);
    expect(attempts[0]?.headers.has("Retry-After")).toBe(true);
    expect(last.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await usernames()).toEqual(["ada"]);
    const read = await stack.request(last.headers.get("Location") ?? "");
    expect(await read.text()).toBe(last.text);
    expect(read.headers.get("ETag")).toBe(last.headers.get("ETag"));
  });

  test.for(LOST_ANSWERS)("%s: the service itself finds the committed user", async ([, fault], { expect }) => {
    await refillRetryBudget(stack, ATTEMPTS_OF_THE_SERVICE);
    stack.gateway.inject({ ...fault, match: "idempotency_keys" });
    expect((await create(ADA, "found-again")).status).toBe(201);
    expect([await usernames(), await keys()]).toEqual([["ada"], ["found-again"]]);
  });

  test("the deadline passes: a retry with the same key gets the committed user", async ({ expect }) => {
    stack.gateway.inject({ kind: "slow", when: "after", delayMs: 60_000, match: "idempotency_keys", times: 1 });
    const { attempts, last } = await createUntilAnswered(ADA, "too-late");
    expect(attempts.map(({ status }) => status)).toEqual([504, 201]);
    expect(last.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await usernames()).toEqual(["ada"]);
  });

  test.for(LOST_ANSWERS)(
    "%s: without a key, a retry cannot tell its own user from another's",
    async ([, fault], { expect }) => {
      stack.gateway.inject({ ...fault, match: "insert_user" });
      const { attempts, last } = await createUntilAnswered(ADA, null);
      expect(attempts.map(({ status }) => status)).toEqual([503, 409]);
      expect(last.body).toMatchObject({ type: "/problems/username-taken" });
      expect(await usernames()).toEqual(["ada"]);
    },
  );
});

describe("Before the statement", () => {
  test.for<[string, StatementFault]>([
    ["the connection is killed", { kind: "reset", when: "before", times: 1 }],
    ["a proxy answers 502", { kind: "http", status: 502, body: "<html></html>", times: 1 }],
  ])("%s: nothing is stored, and the key is free for any request", async ([, fault], { expect }) => {
    await refillRetryBudget(stack, ATTEMPTS_OF_THE_SERVICE);
    stack.gateway.inject({ ...fault, match: "idempotency_keys", times: ATTEMPTS_OF_THE_SERVICE });
    const failed = await create(ADA, "early");
    expect(failed.status).toBe(503);
    expect([await usernames(), await keys()]).toEqual([[], []]);
    const other = await create(GRACE, "early");
    expect([other.status, other.headers.get("Idempotent-Replayed")]).toEqual([201, null]);
    expect([await usernames(), await keys()]).toEqual([["grace"], ["early"]]);
  });
});

describe("A key", () => {
  /** Another session holds the key's lock while `work` runs, as a request that is still running would. */
  async function whileHeld<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const lock = "hashtextextended($1, 0)";
    const id = JSON.stringify([ANONYMOUS.id, key]);
    await sql.query(`select pg_advisory_lock(${lock})`, [id]);
    try {
      return await work();
    } finally {
      await sql.query(`select pg_advisory_unlock(${lock})`, [id]);
    }
  }

  test("of a request that is still running is refused at once, and works as soon as that one is done", async ({
    expect,
  }) => {
    const held = await whileHeld("busy", () => create(ADA, "busy"));
    expect(held.status).toBe(409);
    expect(held.body).toMatchObject({ type: "/problems/idempotency-key-in-use" });
    expect(Number(held.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect([await usernames(), await keys()]).toEqual([[], []]);
    expect((await create(ADA, "busy")).status).toBe(201);
  });

  test("that is held does not hold up other keys", async ({ expect }) => {
    expect((await whileHeld("busy", () => create(ADA, "idle"))).status).toBe(201);
  });

  test("may be given as a string or as a bare token", async ({ expect }) => {
    const first = await create(ADA, '"8e03978e-40d5-43e8-bc93-6894a57f9324"');
    const second = await create(ADA, "8e03978e-40d5-43e8-bc93-6894a57f9324");
    expect([second.status, second.text, second.headers.get("Idempotent-Replayed")]).toEqual([201, first.text, "true"]);
  });

  test("answers as it did even when the user has been changed or deleted since", async ({ expect }) => {
    const first = await create(ADA, "history");
    const location = first.headers.get("Location") ?? "";
    await stack.sendJson(location, { full_name: "Ada King" }, { method: "PATCH" });
    expect((await create(ADA, "history")).text).toBe(first.text);
    await stack.request(location, { method: "DELETE" });
    const replay = await create(ADA, "history");
    expect([replay.status, replay.text]).toEqual([201, first.text]);
    expect(await usernames()).toEqual([]);
  });

  test("is refused for another payload, and keeps its answer", async ({ expect }) => {
    const first = await create(ADA, "reused");
    const other = await create({ ...ADA, full_name: "Ada King" }, "reused");
    expect([other.status, other.body["type"]]).toEqual([422, "/problems/idempotency-key-reused"]);
    expect((await create(ADA, "reused")).text).toBe(first.text);
  });

  test("is not used up by a refusal", async ({ expect }) => {
    await create(GRACE);
    expect((await create({ ...ADA, username: "no" }, "refused")).status).toBe(400);
    expect((await create({ ...ADA, username: "grace" }, "refused")).status).toBe(409);
    expect((await create({ ...ADA, email: "grace@example.com" }, "refused")).status).toBe(409);
    expect(await keys()).toEqual([]);
    const created = await create(ADA, "refused");
    expect([created.status, created.headers.get("Idempotent-Replayed")]).toEqual([201, null]);
  });

  test("is kept for a day, then free for any request", async ({ expect }) => {
    await create(ADA, "expiring");
    const { rows } = await sql.query<{ hours: number }>(
      "select extract(epoch from expires_at - created_at)::integer / 3600 as hours from idempotency_keys",
    );
    expect(rows).toEqual([{ hours: 24 }]);
    await expire("expiring");
    const other = await create(GRACE, "expiring");
    expect([other.status, other.headers.get("Idempotent-Replayed")]).toEqual([201, null]);
    expect((await create(GRACE, "expiring")).text).toBe(other.text);
    expect((await create(ADA, "expiring")).status).toBe(422);
    expect(await usernames()).toEqual(["ada", "grace"]);
  });

  test("that has expired is swept by the cron trigger, and a live one goes on working", async ({ expect }) => {
    const live = await create(ADA, "live");
    await create(GRACE, "dead");
    await expire("dead");
    expect(await stack.runCron()).toBe("ok");
    expect(await keys()).toEqual(["live"]);
    expect(await usernames()).toEqual(["ada", "grace"]);
    const replay = await create(ADA, "live");
    expect([replay.text, replay.headers.get("Idempotent-Replayed")]).toEqual([live.text, "true"]);
    await expect
      .poll(() => stack.events().findLast(({ event }) => event === "maintenance"))
      .toMatchObject({
        removed_idempotency_keys: 1,
      });
  });

  async function expire(key: string): Promise<void> {
    await sql.query("update idempotency_keys set expires_at = now() - interval '1 second' where key = $1", [key]);
  }

  test.for([
    ["an empty one", ""],
    ["an empty string", '""'],
    ["an open string", '"abc'],
    ["two strings", '"abc" "def"'],
    ["a list", '"abc", "def"'],
    ["a string with parameters", '"abc";p=1'],
    ["a forbidden escape", String.raw`"a\bc"`],
    ["a letter beyond ASCII", '"é"'],
    ["more than 255 characters", `"${"k".repeat(256)}"`],
  ])("must be a string: %s is refused and stores nothing", async ([, key], { expect }) => {
    const answer = await create(ADA, key);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      type: "/problems/validation-failed",
      errors: [expect.objectContaining({ parameter: "Idempotency-Key" })],
    });
    expect([await usernames(), await keys()]).toEqual([[], []]);
  });
});
