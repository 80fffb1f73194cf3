import { createAffinityClients } from "./affinity-clients.ts";
import { createBook, type Expectation } from "./book.ts";
import { type Call, createClient, type Reply } from "./client.ts";
import type { LoadOptions } from "./load-options.ts";
import { OPERATIONS } from "./operations.ts";
import { pickIndex, pickWeighted, type Random } from "./random.ts";
import type { RequestRecord } from "./record.ts";
import { type Answer, type Check, problemOf } from "./right-answers.ts";

/** Clients that know what answer is right, and write down what they got. */
export interface Callers {
  /** One of them does one thing, of one or more requests. */
  begin(): void;
  /** Things that are being done. */
  underWay(): number;
  /** Right answers so far. */
  answered(): number;
  /** Requests that have ended since the last call, in the order of their ends. */
  take(): RequestRecord[];
  /** Waits for all that is under way, and closes the connections. */
  finish(): Promise<void>;
  /** What the database must now hold. */
  expectations(): readonly Expectation[];
}

/** Longer than any answer takes that is right, including those of a version that is twice as slow. */
const TIMEOUT_MS = 10_000;
const AFFINITY_CLIENTS = 40;
/** Share of requests with a version key, while there are idle keys. */
const AFFINITY_SHARE = 0.15;
const NEW_CONNECTION_SHARE = 0.3;

export function createCallers({ origin, apiKeys, users }: LoadOptions, random: Random, now: () => number): Callers {
  const client = createClient({ origin, timeoutMs: TIMEOUT_MS });
  const affinity = createAffinityClients(AFFINITY_CLIENTS);
  const book = createBook(users);
  const underWay = new Set<Promise<void>>();
  let records: RequestRecord[] = [];
  let serial = 0;
  let answered = 0;

  const attempt = async (operation: string, apiKey: string, call: Call, check: Check): Promise<Answer | null> => {
    const affinityKey = random() < AFFINITY_SHARE ? affinity.take(random) : null;
    const at = now();
    const reply = await client.send(withHeaders(call, apiKey, affinityKey), random() < NEW_CONNECTION_SHARE);
    const problem = problemOf(reply, check);
    records.push({ at, ms: now() - at, operation, affinityKey, problem, ...marksOf(reply) });
    if (problem === null) answered += 1;
    if (affinityKey !== null) affinity.give(affinityKey);
    return problem === null && reply.kind === "answer" ? reply : null;
  };
  return {
    begin() {
      const { name, run } = pickWeighted(random, OPERATIONS);
      const apiKey = apiKeys[pickIndex(random, apiKeys.length)] ?? "";
      serial += 1;
      const done = run({ book, random, serial, attempt: (call, check) => attempt(name, apiKey, call, check) });
      underWay.add(done);
      void done.finally(() => underWay.delete(done));
    },
    underWay: () => underWay.size,
    answered: () => answered,
    take() {
      const taken = records;
      records = [];
      return taken;
    },
    async finish() {
      await Promise.all(underWay);
      client.close();
    },
    expectations: () => book.expectations(),
  };
}

function withHeaders(call: Call, apiKey: string, affinityKey: string | null): Call {
  const affinity = affinityKey === null ? {} : { "Cloudflare-Workers-Version-Key": affinityKey };
  return { ...call, headers: { ...call.headers, ...affinity, "X-API-Key": apiKey } };
}

function marksOf(reply: Reply): Pick<RequestRecord, "version" | "injectedFault" | "status" | "isLate"> {
  if (reply.kind === "nothing") return { version: null, injectedFault: null, status: null, isLate: reply.isLate };
  return {
    version: reply.headers["x-version-id"] ?? null,
    injectedFault: reply.headers["x-injected-fault"] ?? null,
    status: reply.status,
    isLate: false,
  };
}
