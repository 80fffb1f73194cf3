import type fc from "fast-check";
import { afterAll, beforeAll, describe, type ExpectStatic, test } from "vitest";

import { assertForAll, timeoutFor } from "../support/fuzz-parameters.ts";
import {
  bodyRequests,
  headerRequests,
  pathRequests,
  type RawAnswer,
  type RawRequest,
  sendRaw,
} from "../support/fuzz-requests.ts";
import { responseContract } from "../support/response-contract.ts";
import { startStack, type Stack } from "../support/stack.ts";

const TIME_LIMIT_MS = 6_000;
const API_KEY = "the-key-of-the-fuzz-tests-0123456789";

let stack: Stack;
let sql: Stack["sql"];

const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

/** A creation as everybody sends it; sent twice, it meets itself. */
const CREATION: RawRequest = {
  method: "POST",
  path: "/api/v1/users",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ username: "newcomer", email: "newcomer@example.com", full_name: "New Comer" }),
};

/** A change as everybody sends it. */
const CHANGE: RawRequest = {
  method: "PATCH",
  path: `/api/v1/users/id/${ID}`,
  headers: { "Content-Type": "application/merge-patch+json" },
  body: JSON.stringify({ full_name: "New Name" }),
};

beforeAll(async () => {
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "60000", API_KEY } });
  ({ sql } = stack);
});

afterAll(async () => {
  await stack.stop();
});

/** Puts the user back that requests may have changed or deleted. */
async function restoreUser(): Promise<void> {
  await sql.query(
    `insert into users (id, username, email, full_name, created_at, updated_at)
     values ($1, 'fuzzed', 'fuzzed@example.com', 'Fuzzed User', '2026-01-01Z', '2026-01-01Z')
     on conflict (id) do update set username = excluded.username, email = excluded.email, full_name = excluded.full_name, version = 1`,
    [ID],
  );
}

/** A digest of everything stored. */
async function contents(): Promise<string> {
  const { rows } = await sql.query<{ digest: string }>(
    `select md5(concat((select string_agg(users::text, ';' order by id) from users),
       (select string_agg(idempotency_keys::text, ';' order by caller, key) from idempotency_keys))) as digest`,
  );
  return rows[0]?.digest ?? "";
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Sends requests with the API key unless they bring their own, and holds the answers against every rule there is. */
function createCheck(expect: ExpectStatic, statuses: Set<number>) {
  return async (request: RawRequest): Promise<void> => {
    await restoreUser();
    const before = await contents();
    const answer = await sendRaw(stack.url, { ...request, headers: { "X-API-Key": API_KEY, ...request.headers } });
    statuses.add(answer.status);
    expect({ status: answer.status, text: answer.text.slice(0, 300) }).toEqual({
      status: expect.toSatisfy(isNoFault),
      text: expect.anything(),
    });
    await responseContract.check({
      method: request.method,
      url: `${stack.url.origin}${request.path}`,
      response: toResponse(answer),
    });
    if (answer.status >= 400) {
      expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
      expect(answer.text.length).toBeLessThan(20_000);
    }
    if (answer.status >= 400 || SAFE_METHODS.has(request.method)) expect(await contents()).toBe(before);
  };
}

function isNoFault(status: number): boolean {
  return status >= 200 && status < 500;
}

function toResponse({ status, headers, text }: RawAnswer) {
  return { status, headers, clone: () => ({ text: async () => text }) };
}

describe("Whatever is sent, the answer is documented, no fault of ours, and refusals store nothing", () => {
  test.for<[string, (id: string) => fc.Arbitrary<RawRequest>, readonly number[], readonly RawRequest[]]>([
    ["bodies", bodyRequests, [200, 201, 400, 404, 405, 409, 413, 415], [CREATION, CREATION, CHANGE]],
    ["headers", headerRequests, [200, 204, 304, 400, 403, 406, 412, 415], []],
    ["paths, queries and methods", pathRequests, [200, 400, 404, 405], []],
  ])(
    "with hostile %s",
    { timeout: timeoutFor(TIME_LIMIT_MS) },
    async ([, requests, worthSeeing, examples], { expect }) => {
      const statuses = new Set<number>();
      await assertForAll(requests(ID), createCheck(expect, statuses), {
        examples,
        numRuns: 5_000,
        minRuns: 400,
        timeLimitMs: TIME_LIMIT_MS,
      });
      expect([...statuses]).toEqual(expect.arrayContaining([...worthSeeing]));
    },
  );

  test("with long lists of entity tags, which are read as fast as any other header", async ({ expect }) => {
    await restoreUser();
    const measure = async (name: string, value: string): Promise<number> => {
      const durations: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const headers = { "X-API-Key": API_KEY, [name]: value };
        const startedAt = performance.now();
        const { status } = await sendRaw(stack.url, {
          method: "GET",
          path: `/api/v1/users/id/${ID}`,
          headers,
          body: null,
        });
        durations.push(performance.now() - startedAt);
        expect(status).toBe(200);
      }
      return Math.min(...durations);
    };
    const usual = await measure("User-Agent", "a".repeat(60_000));
    for (const filler of [",", " ", '"a,"', '"""']) {
      const duration = await measure("If-None-Match", `"a"${filler.repeat(60_000 / filler.length)}"b"`);
      expect({ filler, isFast: duration < 20 * usual }).toEqual({ filler, isFast: true });
    }
  });
});
