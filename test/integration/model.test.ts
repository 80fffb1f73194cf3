import { setTimeout as delay } from "node:timers/promises";

import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";

import { assertForAll, timeoutFor } from "../support/fuzz-parameters.ts";
import { emptyMemory, perform, remember, toCall } from "../support/model-calls.ts";
import { operation, type Operation, rivalOperation } from "../support/model-values.ts";
import { type Call, EMPTY_MODEL, type Model, type ModelUser, type Observed, step } from "../support/model.ts";
import { startStack, type Stack } from "../support/stack.ts";

const TIME_LIMIT_MS = 9_000;

let stack: Stack;
let sql: Stack["sql"];

beforeAll(async () => {
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "60000" } });
  ({ sql } = stack);
});

afterAll(async () => {
  await stack.stop();
});

async function reset(): Promise<void> {
  await sql.query("truncate users, idempotency_keys");
}

async function storedUsers(): Promise<ModelUser[]> {
  const time = (name: string): string =>
    `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${name}`;
  const { rows } = await sql.query<ModelUser>(
    `select id, username, email, full_name, ${time("created_at")}, ${time("updated_at")}, version from users order by id`,
  );
  return rows;
}

async function storedKeys(): Promise<string[]> {
  const { rows } = await sql.query<{ key: string }>("select key from idempotency_keys order by key");
  return rows.map(({ key }) => key);
}

function usersOf({ users }: Model): ModelUser[] {
  return [...users.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** The parts of what was seen that are certain beforehand. */
function relevant(observed: Observed, expected: Partial<Observed>): Partial<Observed> {
  return Object.fromEntries(Object.entries(observed).filter(([name]) => Object.hasOwn(expected, name)));
}

/** What happened, so that a test can tell that it saw everything worth seeing. */
function nameOf({ kind }: Call, { status, problem, isReplay }: Observed): string {
  return `${kind} ${problem ?? status}${isReplay ? " replayed" : ""}`;
}

const WORTH_SEEING = [
  "create 201",
  "create 201 replayed",
  "create validation-failed",
  "create idempotency-key-reused",
  "create username-taken",
  "create email-taken",
  "get 200",
  "get 304",
  "get user-not-found",
  "patch 200",
  "patch validation-failed",
  "patch user-not-found",
  "patch precondition-failed",
  "patch username-taken",
  "patch email-taken",
  "delete 204",
  "delete precondition-failed",
  "list 200",
  "list invalid-cursor",
];

describe("The service behaves like its model", () => {
  test("one request after the other", { timeout: timeoutFor(TIME_LIMIT_MS) }, async ({ expect }) => {
    const seen = new Set<string>();
    const sequences = fc.array(operation, { minLength: 1, maxLength: 60, size: "max" });
    const check = async (operations: readonly Operation[]): Promise<void> => {
      await reset();
      let model = EMPTY_MODEL;
      const memory = emptyMemory();
      for (const planned of operations) {
        const call = toCall(planned, model, memory);
        const observed = await perform(stack, call);
        const { expected, next } = step(model, call, observed, { isConcurrent: false });
        expect({ call, ...relevant(observed, expected) }).toEqual({ call, ...expected });
        remember(memory, call, observed, next);
        seen.add(nameOf(call, observed));
        model = next;
      }
      expect(await storedUsers()).toEqual(usersOf(model));
      expect(await storedKeys()).toEqual([...model.keys.keys()].toSorted());
    };
    await assertForAll(sequences, check, { numRuns: 200, minRuns: 25, timeLimitMs: TIME_LIMIT_MS });
    expect([...seen]).toEqual(expect.arrayContaining(WORTH_SEEING));
  });

  test(
    "several requests at once: as if they had come in some order",
    { timeout: timeoutFor(TIME_LIMIT_MS) },
    async ({ expect }) => {
      const seen = new Set<string>();
      const operations = fc.array(rivalOperation, { minLength: 2, maxLength: 6, size: "max" });
      const batches = fc.array(fc.record({ operations, isHeldUp: fc.boolean() }), {
        minLength: 1,
        maxLength: 8,
        size: "max",
      });
      const check = async (plan: readonly Batch[]): Promise<void> => {
        await reset();
        let model = EMPTY_MODEL;
        const memory = emptyMemory();
        for (const batch of plan) {
          const before = model;
          const calls = batch.operations.map((planned) => toCall(planned, before, memory));
          const send = (): Promise<Exchange[]> =>
            Promise.all(calls.map(async (call) => ({ call, observed: await perform(stack, call) })));
          const exchanges = await (batch.isHeldUp ? whileHeldUp(send) : send());
          const users = await storedUsers();
          const order = findOrder(before, exchanges, (after) => isSame(usersOf(after), users));
          expect(order, describeBatch(before, exchanges, users)).not.toBeNull();
          model = order ?? before;
          for (const { call, observed } of exchanges) {
            remember(memory, call, observed, model);
            seen.add(nameOf(call, observed));
          }
        }
        expect(await storedKeys()).toEqual([...model.keys.keys()].toSorted());
      };
      await assertForAll(batches, check, { numRuns: 200, minRuns: 25, timeLimitMs: TIME_LIMIT_MS });
      expect([...seen]).toEqual(
        expect.arrayContaining(["create 201", "patch 200", "delete 204", "create username-taken"]),
      );
    },
  );
});

interface Batch {
  readonly operations: readonly Operation[];
  readonly isHeldUp: boolean;
}

/** Locks every user for a moment, so that all changes have begun before the first of them can end. */
async function whileHeldUp<Result>(work: () => Promise<Result>): Promise<Result> {
  await sql.query("begin");
  await sql.query("select from users for update");
  const result = work();
  await delay(30);
  await sql.query("commit");
  return await result;
}

interface Exchange {
  readonly call: Call;
  readonly observed: Observed;
}

/** The state after some order of the calls that explains every answer and what is stored; null when there is none. */
function findOrder(model: Model, left: readonly Exchange[], isFinal: (after: Model) => boolean): Model | null {
  if (left.length === 0) return isFinal(model) ? model : null;
  for (const exchange of left) {
    const { expected, next } = step(model, exchange.call, exchange.observed, { isConcurrent: true });
    if (!isSame(relevant(exchange.observed, expected), expected)) continue;
    const found = findOrder(
      next,
      left.filter((other) => other !== exchange),
      isFinal,
    );
    if (found !== null) return found;
  }
  return null;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left, sortMembers) === JSON.stringify(right, sortMembers);
}

function sortMembers(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function describeBatch(before: Model, exchanges: readonly Exchange[], after: readonly ModelUser[]): string {
  const lines = exchanges.map(({ call, observed }) => `${JSON.stringify(call)}\n  -> ${JSON.stringify(observed)}`);
  const stored = (users: readonly ModelUser[]): string => users.map((user) => `  ${JSON.stringify(user)}`).join("\n");
  return `No order of these requests explains their answers and the database.\nBefore:\n${stored(usersOf(before))}\n${lines.join("\n")}\nAfter:\n${stored(after)}`;
}
