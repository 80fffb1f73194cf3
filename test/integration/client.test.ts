import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { createUsersClient, isProblem, UsersApiError, type UsersClientOptions } from "../../client/src/index.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "a-key-of-this-test-0123456789abcdef";
const ABSENT_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ vars: { API_KEY } });
});

afterEach(() => {
  stack.gateway.clearFaults();
});

afterAll(async () => {
  await stack.stop();
});

function connect(options: Partial<UsersClientOptions> = {}) {
  return createUsersClient({ baseUrl: stack.url, apiKey: API_KEY, retry: { baseDelayMs: 20 }, ...options });
}

const inputOf = (username: string) => ({ username, email: `${username}@example.com`, full_name: "Ada Lovelace" });

/** A fetch that counts its requests and loses the answer of the first ones with this method, after the service gave it. */
function losingFetch(method: string, times = 1) {
  const sent: Request[] = [];
  const fetchAndLose = async (request: Request): Promise<Response> => {
    sent.push(request);
    const response = await fetch(request);
    if (request.method !== method || sent.filter((one) => one.method === method).length > times) return response;
    await response.arrayBuffer();
    throw new TypeError("fetch failed");
  };
  return { sent, fetch: fetchAndLose };
}

async function namesOf(prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { username } of connect().users({ username: prefix, sort: "username" })) names.push(username);
  return names;
}

describe("The client", () => {
  test("creates, reads, lists, changes and deletes a user", async ({ expect }) => {
    const client = connect();
    const created = await client.createUser(inputOf("Everything"));
    expect(created).toMatchObject({ user: { username: "everything", full_name: "Ada Lovelace" }, replayed: false });
    const { user, etag } = created;
    expect(await client.getUser(user.id)).toEqual({ user, etag });
    expect(await client.getUserByUsername("EVERYTHING")).toEqual({ user, etag });
    expect(await client.listUsers({ email: "everything@example.com" })).toEqual({ data: [user], next_cursor: null });

    const updated = await client.updateUser(user.id, { full_name: "Ada King" }, { ifMatch: etag });
    expect(updated.user).toMatchObject({ username: "everything", full_name: "Ada King" });
    expect(updated.etag).not.toBe(etag);
    expect(await client.updateUser(user.id, {})).toEqual(updated);

    await client.deleteUser(user.id, { ifMatch: updated.etag });
    await client.deleteUser(user.id);
    await expect(client.getUser(user.id)).rejects.toMatchObject({ code: "user-not-found" });
  });

  test("tells the problems of the service in types", async ({ expect }) => {
    const client = connect();
    const { user, etag } = await client.createUser(inputOf("problems"));
    const expected = [
      [() => client.createUser(inputOf("problems")), 409, "username-taken"],
      [() => client.createUser({ ...inputOf("problems2"), email: "problems@example.com" }), 409, "email-taken"],
      [() => client.createUser(inputOf("x")), 400, "validation-failed"],
      [() => client.getUser("no-uuid"), 400, "validation-failed"],
      [() => client.getUser(ABSENT_ID), 404, "user-not-found"],
      [() => client.getUserByUsername("nobody"), 404, "user-not-found"],
      [() => client.listUsers({ cursor: "tampered" }), 400, "invalid-cursor"],
      [() => client.updateUser(user.id, {}, { ifMatch: '"other"' }), 412, "precondition-failed"],
      [() => client.deleteUser(user.id, { ifMatch: `"other", W/${etag}` }), 412, "precondition-failed"],
      [() => connect({ apiKey: undefined }).listUsers(), 401, "missing-credentials"],
      [() => connect({ apiKey: "wrong" }).listUsers(), 403, "invalid-api-key"],
      [() => connect({ baseUrl: new URL("/elsewhere", stack.url) }).listUsers(), 404, "route-not-found"],
    ] as const;
    for (const [call, status, code] of expected) {
      await expect(call()).rejects.toMatchObject({ name: "UsersApiError", status, code, attempts: 1 });
    }
    const error = await client.createUser(inputOf("x")).catch((reason: unknown) => reason);
    expect(isProblem(error, "validation-failed") && error.errors).toMatchObject([
      { pointer: "/username", code: "too_short" },
    ]);
    expect(error instanceof UsersApiError && error.requestId).toMatch(/^[\w-]{8,}$/);
  });

  test("repeats a creation of the caller's with its key, and refuses the key for another one", async ({ expect }) => {
    const idempotencyKey = 'import "17"';
    const first = await connect().createUser(inputOf("keyed"), { idempotencyKey });
    expect(await connect().createUser(inputOf("keyed"), { idempotencyKey })).toEqual({ ...first, replayed: true });
    const other = connect().createUser(inputOf("keyed2"), { idempotencyKey });
    await expect(other).rejects.toMatchObject({ status: 422, code: "idempotency-key-reused" });
  });
});

describe("A lost answer", () => {
  test("between the service and its database makes no second user", async ({ expect }) => {
    stack.gateway.inject({ kind: "reset", when: "after", times: 1 });
    const waits: number[] = [];
    const sleep = async (ms: number): Promise<void> => void waits.push(ms);
    const { user } = await connect({ sleep }).createUser(inputOf("lostinside"));
    // What the service asks for while it has no database.
    expect(waits.every((ms) => ms >= 5_000)).toBe(true);
    expect(await namesOf("lostinside")).toEqual(["lostinside"]);
    expect((await connect().getUserByUsername("lostinside")).user).toEqual(user);
  });

  test("between the service and the client makes no second user", async ({ expect }) => {
    const { sent, fetch: losing } = losingFetch("POST", 2);
    const { user, replayed } = await connect({ fetch: losing }).createUser(inputOf("lostoutside"));
    expect(replayed).toBe(true);
    expect(new Set(sent.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
    expect(sent).toHaveLength(3);
    expect(await namesOf("lostoutside")).toEqual(["lostoutside"]);
    expect((await connect().getUserByUsername("lostoutside")).user).toEqual(user);
  });

  test("of a modification makes it once", async ({ expect }) => {
    const { user } = await connect().createUser(inputOf("lostchange"));
    const client = connect({ fetch: losingFetch("PATCH").fetch });
    const changed = await client.modifyUser(user.id, ({ full_name: name }) => ({ full_name: `${name} I` }));
    expect(changed.user.full_name).toBe("Ada Lovelace I");
    expect(await connect().getUser(user.id)).toEqual(changed);
  });

  test("of a conditional deletion is a success", async ({ expect }) => {
    const { user, etag } = await connect().createUser(inputOf("lostdelete"));
    await connect({ fetch: losingFetch("DELETE").fetch }).deleteUser(user.id, { ifMatch: etag });
    expect(await namesOf("lostdelete")).toEqual([]);
  });
});

describe("Writers at the same time", () => {
  test("all succeed with modifyUser, and no change is lost", async ({ expect }) => {
    const { user } = await connect().createUser({ ...inputOf("contended"), full_name: "Writers" });
    const letters = "ABCDEFGHIJ".split("");
    const results = await Promise.all(
      letters.map((letter) =>
        connect().modifyUser(user.id, ({ full_name: name }) => ({ full_name: `${name} ${letter}` })),
      ),
    );
    const { user: last } = await connect().getUser(user.id);
    expect(last.full_name.split(" ").slice(1).toSorted()).toEqual(letters);
    expect(new Set(results.map(({ etag }) => etag)).size).toBe(10);
  });

  test("with one key make one user, and all get it", async ({ expect }) => {
    const calls = Array.from({ length: 10 }, () =>
      connect({ retry: { maxAttempts: 10 } }).createUser(inputOf("together"), { idempotencyKey: "together" }),
    );
    const results = await Promise.all(calls);
    expect(new Set(results.map(({ user }) => user.id)).size).toBe(1);
    expect(await namesOf("together")).toEqual(["together"]);
  });
});

describe("A walk", () => {
  test("over 250 users gives each once, in order, and fetches no page before its time", async ({ expect }) => {
    const names = Array.from({ length: 250 }, (_, index) => `walk${String(index).padStart(3, "0")}`);
    for (let start = 0; start < names.length; start += 25) {
      await Promise.all(names.slice(start, start + 25).map((name) => connect().createUser(inputOf(name))));
    }
    expect(await namesOf("walk")).toEqual(names);

    const { sent, fetch: counting } = losingFetch("none");
    const seen: string[] = [];
    for await (const { username } of connect({ fetch: counting }).users({
      username: "walk",
      sort: "-username",
      limit: 50,
    })) {
      seen.push(username);
      if (seen.length === 60) break;
    }
    expect(seen).toEqual(names.toReversed().slice(0, 60));
    expect(sent).toHaveLength(2);
  });
});
