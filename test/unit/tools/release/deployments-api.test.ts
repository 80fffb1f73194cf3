import { describe, test } from "vitest";

import { ControlPlaneError } from "../../../../tools/release/cloudflare/control-plane.ts";
import { createDeploymentsApi } from "../../../../tools/release/cloudflare/deployments-api.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const URL_OF_DEPLOYMENTS = `https://api.example/client/v4/accounts/${ACCOUNT}/workers/scripts/users-api/deployments`;
const VERSION = "00000000-0000-4000-8000-00000000000a";

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

const answer = (result: unknown, status = 200): Response =>
  Response.json({ success: true, errors: [], messages: [], result }, { status });
const refusal = (code: number, message: string, status = 400): Response =>
  Response.json({ success: false, errors: [{ code, message }], messages: [], result: null }, { status });

/** An API that gives these answers, one for each call. */
function open(answers: readonly (Response | Error)[], signal?: AbortSignal) {
  const calls: Call[] = [];
  const waiting = [...answers];
  const api = createDeploymentsApi({
    apiBaseUrl: "https://api.example/client/v4",
    apiToken: "s3cret",
    accountId: ACCOUNT,
    scriptName: "users-api",
    ...(signal === undefined ? {} : { signal }),
    fetch: (url, init) => {
      calls.push({ url: url instanceof Request ? url.url : String(url), init: init ?? {} });
      init?.signal?.throwIfAborted();
      const next = waiting.shift() ?? new Error("unexpected call");
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  });
  return { api, calls };
}

describe("reading the deployments", () => {
  test("gives them newest first", async ({ expect }) => {
    const versions = [{ version_id: VERSION, percentage: 100 }];
    const { api, calls } = open([
      answer({
        deployments: [
          { id: "1", created_on: "2026-01-01T00:01:00Z", versions },
          { id: "2", created_on: "2026-01-01T00:02:00Z", annotations: { "workers/message": "second" }, versions },
        ],
      }),
    ]);
    expect(await api.deployments()).toMatchObject([
      { id: "2", message: "second", versions: [{ versionId: VERSION, percentage: 100 }] },
      { id: "1", message: null },
    ]);
    expect(calls).toMatchObject([{ url: URL_OF_DEPLOYMENTS, init: { method: "GET", redirect: "error" } }]);
    expect(new Headers(calls[0]?.init.headers).get("authorization")).toBe("Bearer s3cret");
  });

  test("gives none of a Worker that was never deployed", async ({ expect }) => {
    const { api } = open([refusal(10_007, "This Worker does not exist on your account.", 404)]);
    expect(await api.deployments()).toEqual([]);
  });

  test.for([
    [
      "a refusal",
      refusal(10_000, "Authentication error: s3cret", 401),
      "HTTP 401 Authentication error: *** [code: 10000]",
    ],
    ["a proxy's page", new Response("<html>", { status: 502 }), "HTTP 502"],
    ["a page that looks well", new Response("<html>", { status: 200 }), "HTTP 200"],
    ["another shape", answer({ deployments: [{ id: 1 }] }), "cannot be read"],
    ["a broken connection", new TypeError("fetch failed", { cause: new Error("ECONNRESET") }), "ECONNRESET"],
  ] as const)("fails in words for the operator: %s", async ([, response, words], { expect }) => {
    const { api } = open([response]);
    const error: unknown = await api.deployments().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ControlPlaneError);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain("s3cret");
  });

  test("ends with an interruption", async ({ expect }) => {
    const { api } = open([], AbortSignal.abort(new Error("interrupted")));
    await expect(api.deployments()).rejects.toThrow("interrupted");
  });
});

describe("rolling back", () => {
  test("names the version and says why", async ({ expect }) => {
    const { api, calls } = open([answer({ id: "3" })], AbortSignal.abort());
    await api.rollBack(VERSION, "because");
    expect(calls).toMatchObject([{ url: URL_OF_DEPLOYMENTS, init: { method: "POST" } }]);
    const body = {
      strategy: "percentage",
      versions: [{ version_id: VERSION, percentage: 100 }],
      annotations: { "workers/message": "because" },
    };
    expect(calls[0]?.init.body).toBe(JSON.stringify(body));
  });

  test("insists when the secrets change with it", async ({ expect }) => {
    const { api, calls } = open([refusal(10_220, "The following secrets have changed: A"), answer({ id: "3" })]);
    await api.rollBack(VERSION, "because");
    expect(calls.map(({ url }) => url)).toEqual([URL_OF_DEPLOYMENTS, `${URL_OF_DEPLOYMENTS}?force=true`]);
    expect(calls[1]?.init.body).toBe(calls[0]?.init.body);
  });

  test("tells an unknown version from other refusals", async ({ expect }) => {
    const { api } = open([refusal(10_404, "no such version", 404), refusal(10_013, "internal", 500)]);
    await expect(api.rollBack(VERSION, "")).rejects.toMatchObject({ refusal: "unknown-version" });
    await expect(api.rollBack(VERSION, "")).rejects.toMatchObject({ refusal: null });
  });
});
