import { describe, test } from "vitest";

import type { RateLimiter } from "../../src/http/context.ts";
import { createRecordedApp, sha256Hex } from "../support/http-fakes.ts";
import { USERS } from "../support/http-messages.ts";

const KEY = "uk_the-right-key-0123456789";
const OTHER_KEY = "uk_another-right-key-987654";

const WRONG_KEYS = [
  "x",
  KEY.slice(0, 1),
  KEY.slice(0, -1),
  `${KEY.slice(0, -1)}!`,
  `${KEY}!`,
  KEY.toUpperCase(),
  `${KEY},${OTHER_KEY}`,
  "x".repeat(KEY.length),
  "x".repeat(8_000),
];

/** What tells one request from another, and is new each time. */
const OWN_HEADERS = ["x-request-id", "traceparent"];

describe("a wrong key", () => {
  test("gets the same answer to the last byte, whatever it has in common with a right one, and the same work", async ({
    expect,
  }) => {
    const limited: string[] = [];
    const failureLimiter: RateLimiter = { allow: async (key) => limited.push(key) > 0 };
    const entries = [{ id: "other", sha256: await sha256Hex(OTHER_KEY), scopes: ["users:read"] as const }];
    const { request, users, events } = createRecordedApp({ apiKey: KEY, entries, failureLimiter });
    const answerTo = async (presented: string) => {
      const response = await request(USERS, { headers: { "X-API-Key": presented } });
      const { request_id: _, trace_id: __, ...body }: Record<string, unknown> = JSON.parse(await response.text());
      const headers = [...response.headers].filter(([name]) => !OWN_HEADERS.includes(name));
      return { status: response.status, headers, body };
    };
    expect((await answerTo(KEY)).status).toBe(200);
    const asked = users.calls.length;

    const expected = await answerTo("wrong");
    expect(expected.status).toBe(403);
    for (const presented of WRONG_KEYS) expect(await answerTo(presented), presented).toEqual(expected);
    expect(limited).toHaveLength(WRONG_KEYS.length + 1);
    expect(new Set(limited).size).toBe(1);
    expect(users.calls).toHaveLength(asked);

    const logged = events
      .slice(1)
      .map(({ level, fields }) => ({ level, status: fields["status"], caller: fields["caller"] }));
    expect(new Set(logged.map((event) => JSON.stringify(event)))).toEqual(
      new Set([JSON.stringify({ level: "warn", status: 403, caller: null })]),
    );
  });
});
