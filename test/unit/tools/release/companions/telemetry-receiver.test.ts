import { describe, test } from "vitest";

import { METRICS_CONTRACT } from "../../../../../src/observability/metrics-batch.ts";
import { findReceiverProblems } from "../../../../../tools/release/companions/telemetry/receiver.ts";
import { addBinding } from "../../../../../tools/telemetry/bind/binding.ts";

const UNBOUND = '[env.staging]\nname = "users-api-staging"\n\n[env.staging.vars]\nENVIRONMENT = "staging"\n';
const VERSION = "00000000-0000-4000-8000-00000000000a";

/** Cloudflare's API, whose telemetry Worker says so of itself; null when it was never deployed. */
function find(wranglerToml: string, contract: string | undefined | null, calls: string[] = []) {
  const answer = (result: unknown, status = 200) =>
    Promise.resolve(
      Response.json(
        { success: status === 200, errors: status === 200 ? [] : [{ code: 10_007, message: "none" }], result },
        { status },
      ),
    );
  const send: typeof fetch = async (input) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    calls.push(path);
    if (contract === null) return await answer(null, 404);
    if (path.endsWith("/deployments")) {
      const versions = [{ version_id: VERSION, percentage: 100 }];
      return await answer({
        deployments: [{ id: "one", created_on: "2026-11-20T08:00:00Z", annotations: {}, versions }],
      });
    }
    const variable = { name: "METRICS_CONTRACT", type: "plain_text", text: contract };
    return await answer({ resources: { bindings: contract === undefined ? [] : [variable] } });
  };
  return findReceiverProblems({
    env: "staging",
    apiBaseUrl: "https://api.example.com/client/v4",
    apiToken: "token",
    accountId: "account",
    signal: new AbortController().signal,
    fetch: send,
    wranglerToml,
  });
}

describe("Before an API that is bound to telemetry is released", () => {
  const bound = addBinding(UNBOUND, "staging");

  test("nothing is asked when it is not bound", async ({ expect }) => {
    const calls: string[] = [];
    expect(await find(UNBOUND, null, calls)).toEqual([]);
    expect(calls).toEqual([]);
  });

  test("a receiver that takes what it sends, or more, is all right", async ({ expect }) => {
    expect(await find(bound, String(METRICS_CONTRACT))).toEqual([]);
    expect(await find(bound, String(METRICS_CONTRACT + 1))).toEqual([]);
  });

  test("one that is not there, or is older, has to be released first", async ({ expect }) => {
    const [absent] = await find(bound, null);
    expect(absent).toContain("users-api-telemetry-staging, which was never deployed");
    expect(absent).toContain("npm run telemetry:bind -- --env staging --remove");
    for (const contract of [String(METRICS_CONTRACT - 1), undefined]) {
      const [older] = await find(bound, contract);
      expect(older).toContain(`but this commit sends ${METRICS_CONTRACT}`);
      expect(older).toContain("npm run release -- --worker telemetry --env staging");
    }
  });
});
