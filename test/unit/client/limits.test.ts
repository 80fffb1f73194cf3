import { describe, test, vi } from "vitest";

import { UsersNetworkError } from "../../../client/src/index.ts";
import { sleep } from "../../../client/src/sleep.ts";
import { fakeService, problemAnswer, refuseConnection, USER, userAnswer } from "./fake-service.ts";

const never = (): Promise<Response> => new Promise(() => {});

describe("A signal", () => {
  test("that is aborted before the call sends nothing", async ({ expect }) => {
    const { client, sent } = fakeService([() => userAnswer()]);
    await expect(client.getUser(USER.id, { signal: AbortSignal.abort("late") })).rejects.toBe("late");
    expect(sent).toHaveLength(0);
  });

  test("that is aborted while the token is fetched sends nothing", async ({ expect }) => {
    const stop = new AbortController();
    const token = async (): Promise<string> => {
      stop.abort(new Error("changed my mind"));
      return "token";
    };
    const { client, sent } = fakeService([never], { token });
    await expect(client.getUser(USER.id, { signal: stop.signal })).rejects.toThrow("changed my mind");
    expect(sent).toHaveLength(0);
  });

  test("that is aborted during an attempt ends it, and fetch hears of it", async ({ expect }) => {
    const stop = new AbortController();
    const { client, sent } = fakeService([never], { retry: false });
    const call = client.getUser(USER.id, { signal: stop.signal });
    await expect.poll(() => sent.length).toBe(1);
    const reason = new Error("changed my mind");
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(sent[0]?.signal.aborted).toBe(true);
    expect(sent).toHaveLength(1);
  });

  test("that is aborted during a wait ends it", async ({ expect }) => {
    const stop = new AbortController();
    const { client, sent } = fakeService([() => problemAnswer(503, "database-unavailable", { "Retry-After": "20" })], {
      sleep,
    });
    const call = client.getUser(USER.id, { signal: stop.signal });
    await expect.poll(() => sent.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort(new Error("changed my mind"));
    await expect(call).rejects.toThrow("changed my mind");
    expect(sent).toHaveLength(1);
  });

  test("ends a walk between its pages", async ({ expect }) => {
    const stop = new AbortController();
    const { client, sent } = fakeService([() => Response.json({ data: [USER], next_cursor: "next" })]);
    const walk = async (): Promise<void> => {
      for await (const user of client.users({}, { signal: stop.signal })) stop.abort(new Error(user.username));
    };
    await expect(walk()).rejects.toThrow("jdoe");
    expect(sent).toHaveLength(1);
  });
});

describe("The wait between attempts", () => {
  test("does not begin under an aborted signal, and leaves no timer behind", async ({ expect }) => {
    vi.useFakeTimers();
    try {
      await expect(sleep(1_000, AbortSignal.abort("late"))).rejects.toBe("late");
      const stop = new AbortController();
      const wait = sleep(1_000, stop.signal);
      stop.abort("stopped");
      await expect(wait).rejects.toBe("stopped");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("An attempt", () => {
  test("that takes too long counts as a failure of the network and is repeated", async ({ expect }) => {
    const { client, sent } = fakeService([never, () => userAnswer()], { timeoutMs: 20 });
    expect(await client.getUser(USER.id)).toMatchObject({ user: USER });
    expect(sent).toHaveLength(2);
    expect(sent[0]?.signal.aborted).toBe(true);
    expect(sent[1]?.signal.aborted).toBe(false);
  });

  test("may not take longer than what is left of the call", async ({ expect }) => {
    const { client } = fakeService([never], { timeoutMs: 60_000, retry: { maxTotalMs: 20, maxAttempts: 1 } });
    const error = await client.getUser(USER.id).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsersNetworkError);
    expect(error).toMatchObject({ cause: { name: "TimeoutError" } });
  });

  test("has as long as a timer can take, however much more is allowed", async ({ expect }) => {
    const slow = async (): Promise<Response> => {
      await sleep(20);
      return userAnswer();
    };
    const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, retry: { maxTotalMs: Number.POSITIVE_INFINITY } };
    const { client, sent } = fakeService([slow], unlimited);
    await client.getUser(USER.id);
    expect(sent).toHaveLength(1);
  });

  test("follows no redirect, so that no other host gets the key", async ({ expect }) => {
    const seen: string[] = [];
    const { client } = fakeService([], {
      apiKey: "secret",
      fetch: async ({ redirect }) => {
        seen.push(redirect);
        return new Response(null, { status: 302, headers: { Location: "https://elsewhere.test" } });
      },
    });
    await expect(client.getUser(USER.id)).rejects.toMatchObject({ status: 302, problem: null });
    expect(seen).toEqual(["manual"]);
  });
});

describe("Credentials", () => {
  test("are the API key, the token or none", async ({ expect }) => {
    for (const [options, key, authorization] of [
      [{}, null, null],
      [{ apiKey: "secret" }, "secret", null],
      [{ token: "token" }, null, "Bearer token"],
    ] as const) {
      const { client, sent } = fakeService([() => userAnswer()], options);
      await client.getUser(USER.id);
      expect([sent[0]?.headers.get("X-API-Key"), sent[0]?.headers.get("Authorization")]).toEqual([key, authorization]);
    }
  });

  test("are asked for anew before each attempt", async ({ expect }) => {
    let count = 0;
    const token = async (): Promise<string> => `token${++count}`;
    const { client, sent } = fakeService([refuseConnection, () => userAnswer()], { token });
    await client.getUser(USER.id);
    expect(sent.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer token1", "Bearer token2"]);
  });

  test("that cannot be had end the call with their own error", async ({ expect }) => {
    const token = async (): Promise<string> => {
      throw new Error("no session");
    };
    const { client, sent } = fakeService([() => userAnswer()], { token });
    await expect(client.getUser(USER.id)).rejects.toThrow("no session");
    expect(sent).toHaveLength(0);
  });
});
