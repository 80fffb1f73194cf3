import { setTimeout as sleep } from "node:timers/promises";

import { createAffinityClients } from "./affinity-clients.ts";
import { createBook, type Expectation, type KnownUser } from "./book.ts";
import { type Call, createClient, type Reply } from "./client.ts";
import { OPERATIONS } from "./operations.ts";
import { createPacer } from "./pacer.ts";
import { createRandom, pickIndex, pickWeighted } from "./random.ts";
import type { RequestRecord } from "./record.ts";
import { type Answer, type Check, problemOf } from "./right-answers.ts";

/** What the load is made of; can be sent to another thread. */
export interface LoadOptions {
  /** Where the service listens. */
  readonly origin: string;
  /** Requests per second. */
  readonly rate: number;
  readonly seed: number;
  /** Enough of them that none meets its rate limit. */
  readonly apiKeys: readonly string[];
  /** Users that are in the database; nobody else may change them. */
  readonly users: readonly KnownUser[];
}

export interface Engine {
  /** The records since the last call. */
  takeRecords(): RequestRecord[];
  /** Sends no more, waits for the answers under way, and gives what the database must now hold. */
  stop(): Promise<readonly Expectation[]>;
}

/** Longer than any answer takes that is right, including those of a version that is twice as slow. */
const TIMEOUT_MS = 10_000;
const TICK_MS = 5;
const AFFINITY_CLIENTS = 40;
/** Share of requests with a version key, while there are idle keys. */
const AFFINITY_SHARE = 0.15;
const NEW_CONNECTION_SHARE = 0.3;

/** Begins to send at once. */
export function startEngine({ origin, rate, seed, apiKeys, users }: LoadOptions): Engine {
  const random = createRandom(seed);
  const client = createClient({ origin, timeoutMs: TIMEOUT_MS });
  const affinity = createAffinityClients(AFFINITY_CLIENTS);
  const book = createBook(users);
  const underWay = new Set<Promise<void>>();
  let records: RequestRecord[] = [];
  let serial = 0;
  let isStopping = false;

  const attempt = async (operation: string, apiKey: string, call: Call, check: Check): Promise<Answer | null> => {
    const affinityKey = random() < AFFINITY_SHARE ? affinity.take(random) : null;
    const at = now();
    const reply = await client.send(withHeaders(call, apiKey, affinityKey), random() < NEW_CONNECTION_SHARE);
    const problem = problemOf(reply, check);
    records.push({ at, ms: now() - at, operation, affinityKey, problem, ...marksOf(reply) });
    if (affinityKey !== null) affinity.give(affinityKey);
    return problem === null && reply.kind === "answer" ? reply : null;
  };
  const begin = (): void => {
    const { name, run } = pickWeighted(random, OPERATIONS);
    const apiKey = apiKeys[pickIndex(random, apiKeys.length)] ?? "";
    serial += 1;
    const done = run({ book, random, serial, attempt: (call, check) => attempt(name, apiKey, call, check) });
    underWay.add(done);
    void done.finally(() => underWay.delete(done));
  };
  const pace = async (): Promise<void> => {
    const pacer = createPacer(rate, random, now());
    while (!isStopping) {
      for (let count = pacer.due(now()); count > 0; count -= 1) begin();
      await sleep(TICK_MS);
    }
  };

  const pacing = pace();
  return {
    takeRecords() {
      const taken = records;
      records = [];
      return taken;
    },
    async stop() {
      isStopping = true;
      await pacing;
      await Promise.all(underWay);
      client.close();
      return book.expectations();
    },
  };
}

/** Milliseconds since 1970 that never go back, so that the order of records is that of the requests. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function withHeaders(call: Call, apiKey: string, affinityKey: string | null): Call {
  const affinity = affinityKey === null ? {} : { "Cloudflare-Workers-Version-Key": affinityKey };
  return { ...call, headers: { ...call.headers, ...affinity, "X-API-Key": apiKey } };
}

function marksOf(reply: Reply): Pick<RequestRecord, "version" | "injectedFault"> {
  if (reply.kind === "nothing") return { version: null, injectedFault: null };
  return {
    version: reply.headers["x-version-id"] ?? null,
    injectedFault: reply.headers["x-injected-fault"] ?? null,
  };
}
