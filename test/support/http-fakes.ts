import type { TokenRefusal, TokenVerifier } from "../../src/auth/token-verifier.ts";
import type { AssetFetcher, RateLimiter } from "../../src/http/context.ts";
import type { Principal } from "../../src/models/principal.ts";
import type { UserRepository } from "../../src/models/user.ts";
import { createFakeUserRepository } from "./fake-user-repository.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";

export interface RecordingUsers extends UserRepository {
  /** Names of the methods called so far. */
  readonly calls: readonly string[];
  /** How many of the calls could have stored something. */
  countWrites(): number;
}

/** Passes everything on and remembers what was asked for. */
function recordUsers(users: UserRepository): RecordingUsers {
  const calls: string[] = [];
  const note = <Result>(name: keyof UserRepository, result: Result): Result => {
    calls.push(name);
    return result;
  };
  return {
    calls,
    countWrites: () => calls.filter((name) => ["insert", "insertOnce", "update", "delete"].includes(name)).length,
    insert: (user, context) => note("insert", users.insert(user, context)),
    insertOnce: (user, record, context) => note("insertOnce", users.insertOnce(user, record, context)),
    findById: (id, context) => note("findById", users.findById(id, context)),
    findByUsername: (username, context) => note("findByUsername", users.findByUsername(username, context)),
    list: (query, context) => note("list", users.list(query, context)),
    update: (id, change, expected, context) => note("update", users.update(id, change, expected, context)),
    delete: (id, expected, context) => note("delete", users.delete(id, expected, context)),
  };
}

/** An app together with the record of what reached its repository. */
export function createRecordedApp(options: TestAppOptions = {}): TestApp & { readonly users: RecordingUsers } {
  const users = recordUsers(options.users ?? createFakeUserRepository());
  return { ...createTestApp({ ...options, users }), users };
}

/** A repository whose every method fails in the same way. */
export function failingUsers(error: Error): UserRepository {
  const fail = () => Promise.reject(error);
  return {
    insert: fail,
    insertOnce: fail,
    findById: fail,
    findByUsername: fail,
    list: fail,
    update: fail,
    delete: fail,
  };
}

/** Accepts the given tokens; whatever else is presented is refused for the given reason. */
export function acceptTokens(
  known: Readonly<Record<string, Principal>>,
  reason: TokenRefusal = "wrong-signature",
): TokenVerifier & { readonly seen: readonly string[] } {
  const seen: string[] = [];
  return {
    seen,
    async verify(token) {
      seen.push(token);
      const principal = Object.hasOwn(known, token) ? known[token] : undefined;
      return principal === undefined ? { ok: false, reason } : { ok: true, principal };
    },
  };
}

export interface RecordingLimiter extends RateLimiter {
  /** Keys in the order in which they asked. */
  readonly keys: readonly string[];
}

/** Lets each key through `limit` times. */
export function limitTo(limit: number): RecordingLimiter {
  const keys: string[] = [];
  return {
    keys,
    async allow(key) {
      keys.push(key);
      return keys.filter((known) => known === key).length <= limit;
    },
  };
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Every file exists, and says its own path. */
export const SERVED_ASSETS: AssetFetcher = {
  async fetch(path, ifNoneMatch) {
    const headers = { ETag: `"tag of ${path}"`, "Content-Type": "application/octet-stream", "Cache-Control": "public" };
    return ifNoneMatch === headers.ETag
      ? new Response(null, { status: 304, headers })
      : new Response(path, { headers });
  },
};

/** What the log calls whoever uses the single key. */
export const PLAIN_KEY_CALLER_ID = "api-key";
