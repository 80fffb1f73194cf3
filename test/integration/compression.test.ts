import { afterAll, beforeAll, describe, test } from "vitest";

import { readUser, USERS } from "../support/http-messages.ts";
import { askRaw } from "../support/raw-answer.ts";
import { startStack, type Stack } from "../support/stack.ts";

const MERGE_PATCH = "application/merge-patch+json";

let stack: Stack;
let userUrl: URL;

beforeAll(async () => {
  stack = await startStack();
  const input = { username: "compressed", email: "compressed@example.com", full_name: "Ada Lovelace" };
  const { id } = await readUser(await stack.sendJson(USERS, input));
  userUrl = new URL(`${USERS}/id/${id}`, stack.url);
});

afterAll(async () => {
  await stack?.stop();
});

describe.for(["gzip", "br"])("A client that accepts %s", (coding) => {
  const headers = { "Accept-Encoding": coding };

  test("changes with If-Match what it has read", async ({ expect }) => {
    const before = await askRaw(userUrl, headers);
    expect(before.headers).not.toHaveProperty("content-encoding");
    const tag = before.headers.etag ?? "";
    const change = { method: "PATCH", headers: { "Content-Type": MERGE_PATCH, "If-Match": tag } };
    const answer = await stack.sendJson(userUrl.pathname, { full_name: `Ada ${coding}` }, change);
    expect(answer.status).toBe(200);
    const after = await askRaw(userUrl, headers);
    expect(after.headers.etag).toBe(answer.headers.get("ETag"));
    expect(after.text).toContain(`"full_name":"Ada ${coding}"`);
  });

  test.for([USERS, "/problems/user-not-found"])("gets %s compressed, and caches are told", async (path, { expect }) => {
    const url = new URL(path, stack.url);
    const [compressed, plain] = [await askRaw(url, headers), await askRaw(url)];
    expect(compressed.headers["content-encoding"]).toBe(coding);
    expect(plain.headers).not.toHaveProperty("content-encoding");
    expect(compressed.text).toBe(plain.text);
    for (const { headers: received } of [compressed, plain]) {
      expect(received.vary?.split(", ")).toContain("Accept-Encoding");
      expect(received).not.toHaveProperty("etag");
    }
  });

  test("gets the same headers by HEAD", async ({ expect }) => {
    for (const path of [USERS, userUrl.pathname]) {
      const url = new URL(path, stack.url);
      const [head, get] = [await askRaw(url, headers, "HEAD"), await askRaw(url, headers)];
      expect(head.text).toBe("");
      for (const name of ["etag", "content-encoding", "vary", "cache-control"] as const) {
        expect(head.headers[name]).toBe(get.headers[name]);
      }
    }
  });
});
