// The process that makes the load of `npm run bench -- --overload`. Argument: a file with an OverloadJob. Prints a StretchResult for
// each stretch, as JSON.
import { readFileSync } from "node:fs";
import { Agent, request as openRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { idOf, placeOf } from "../scenarios/rows.ts";
import type { OverloadJob, Sent, Stretch, StretchResult } from "./job.ts";

/** Three times a request's deadline: who waits longer waits in vain. */
const GIVE_UP_MS = 15_000;
const TICK_MS = 5;
const PAUSE_MS = 20;
const HEALTH_EVERY_MS = 50;
/** workerd closes what has been idle for 5 s. */
const IDLE_MS = 2_000;

const job: OverloadJob = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
let serial = 0;

console.log(JSON.stringify(await run(job)));

async function run({ stretches }: OverloadJob): Promise<StretchResult[]> {
  const results: StretchResult[] = [];
  const endings: { readonly done: Promise<void> }[] = [];
  for (const stretch of stretches) {
    const startedAt = performance.now();
    const record = { seconds: stretch.seconds, sent: [] as Sent[], health: [] as Sent[], maxLagMs: 0 };
    results.push(record);
    if (stretch.kind === "closed") await sendClosed(stretch, record, startedAt);
    else endings.push(...(await sendOpen(stretch, record, startedAt)));
  }
  // Answers of a stretch may come while the next one runs.
  await Promise.all(endings.map(({ done }) => done));
  agent.destroy();
  return results;
}

type Recording = { sent: Sent[]; health: Sent[]; maxLagMs: number };

/** Sends what is due at each tick; resolves at the end of the stretch, with what is still to be answered. */
async function sendOpen(
  { rate, seconds }: Extract<Stretch, { kind: "open" }>,
  record: Recording,
  startedAt: number,
): Promise<{ readonly done: Promise<void> }[]> {
  const pending: { readonly done: Promise<void> }[] = [];
  const total = Math.round(rate * seconds);
  for (let [next, healthAt, elapsed] = [0, 0, 0]; elapsed < seconds * 1_000;) {
    await sleep(TICK_MS);
    const before = elapsed;
    elapsed = performance.now() - startedAt;
    record.maxLagMs = Math.max(record.maxLagMs, elapsed - before - TICK_MS);
    for (; next < total && (next * 1_000) / rate <= elapsed; next += 1)
      pending.push({ done: send(userPath(), startedAt, (next * 1_000) / rate, record.sent) });
    for (; healthAt <= elapsed; healthAt += HEALTH_EVERY_MS)
      pending.push({ done: send("/health", startedAt, healthAt, record.health) });
  }
  return pending;
}

async function sendClosed(
  { connections, seconds }: Extract<Stretch, { kind: "closed" }>,
  record: Recording,
  startedAt: number,
): Promise<void> {
  const work = async (): Promise<void> => {
    for (;;) {
      const dueMs = performance.now() - startedAt;
      if (dueMs >= seconds * 1_000) return;
      await send(userPath(), startedAt, dueMs, record.sent);
      // Who is refused and asks again at once would only take the processor's time.
      if (record.sent.at(-1)?.status !== 200) await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
}

function userPath(): string {
  serial += 1;
  return `/api/v1/users/id/${idOf(placeOf(serial))}`;
}

/** Sends a request and records it; never rejects. */
async function send(path: string, startedAt: number, dueMs: number, sent: Sent[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Omit<Sent, "dueMs" | "ms">>();
  const fail = (failure: string): void => resolve({ status: 0, hasRetryAfter: false, failure });
  const request = openRequest(new URL(path, job.origin), { agent, headers: { "X-API-Key": job.apiKey } });
  const timer = setTimeout(() => request.destroy(new Error("given up")), GIVE_UP_MS);
  request.on("error", (error) => fail(describe(error)));
  request.on("response", (response) => {
    response.resume();
    response.on("error", (error) => fail(describe(error)));
    response.on("close", () => fail("cut"));
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 0,
        hasRetryAfter: response.headers["retry-after"] !== undefined,
        failure: null,
      }),
    );
  });
  request.end();
  const answer = await promise;
  clearTimeout(timer);
  sent.push({ dueMs, ms: performance.now() - startedAt - dueMs, ...answer });
}

function describe(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
