import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { uuidv7 } from "uuidv7";

import type { CommandContext } from "../command/run-command.ts";
import { createRandom } from "../rehearsal/load/random.ts";
import { judgeReceiver, type OutboxEvent, type ReceiverVerdict } from "./check.ts";
import { createIncidents, scheduleIncidents } from "./incidents.ts";
import type { EventsChaosOptions } from "./options.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { type EventsStack, startEventsStack } from "./stack.ts";
import { startWriters, withClient } from "./writers.ts";

/** All that a run has found out. */
export interface EventsChaosResult {
  readonly options: EventsChaosOptions;
  /** Events in the outbox. */
  readonly events: number;
  readonly elapsedMs: number;
  readonly receivers: readonly { readonly receiver: Receiver; readonly verdict: ReceiverVerdict }[];
  readonly incidents: ReadonlyMap<string, number>;
  readonly troubles: readonly string[];
  /** What the Worker had to say, by event. */
  readonly logged: ReadonlyMap<string, number>;
  /** Deliveries by state, at the end. */
  readonly deliveries: Readonly<Record<string, number>>;
}

interface Role {
  readonly name: string;
  readonly failureShare: number;
  /** All when empty. */
  readonly eventTypes: readonly string[];
  /** Whether the endpoint has another secret by now, and the receiver still the one before. */
  readonly isRotating: boolean;
}

const ROLES: readonly Role[] = [
  { name: "steady", failureShare: 0, eventTypes: [], isRotating: false },
  { name: "flaky", failureShare: 0.05, eventTypes: [], isRotating: true },
  { name: "choosy", failureShare: 0.02, eventTypes: ["user.created", "user.deleted"], isRotating: false },
];

const TICK_MS = 100;
const CRON_MS = 1_000;
const STATUS_MS = 1_000;

export async function runEventsChaos(options: EventsChaosOptions, context: CommandContext): Promise<EventsChaosResult> {
  const { progress, signal: interrupted, cleanup } = context;
  const stack = await startEventsStack(context);
  const receivers = await Promise.all(ROLES.map((role, place) => addReceiver(role, options.seed + place, stack)));
  for (const receiver of receivers) cleanup.add(() => receiver.close());
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(options.seconds * 1_000)]);
  const random = createRandom(options.seed);
  const schedule = scheduleIncidents(options.incidents, random);
  const incidents = createIncidents({ stack, receivers, schedule, random });
  progress.line(`${options.changes} changes, ${receivers.length} receivers, seed ${options.seed}`);
  const startedAt = performance.now();
  const writers = startWriters({
    ...options,
    databaseUrl: stack.databaseUrl,
    random: createRandom(options.seed),
    signal,
  });
  const conducted = conduct(stack, incidents.advance, () => (receivers[0]?.taken ?? 0) / options.changes, signal);
  const telling = setInterval(() => progress.status(describeProgress(writers.made, receivers)), STATUS_MS);
  try {
    await writers.done;
    await waitUntilSent(stack.databaseUrl, signal);
  } finally {
    clearInterval(telling);
    conducted.stop();
    await conducted.ended;
  }
  interrupted.throwIfAborted();
  const elapsedMs = performance.now() - startedAt;
  progress.line("comparing what the receivers saw with the outbox");
  const outbox = await readOutbox(stack.databaseUrl);
  return {
    options,
    events: outbox.length,
    elapsedMs,
    receivers: receivers.map((receiver, place) => ({ receiver, verdict: judge(receiver, ROLES[place], outbox) })),
    incidents: incidents.counts,
    troubles: incidents.troubles,
    logged: countEvents(stack.log),
    deliveries: await countDeliveries(stack.databaseUrl),
  };
}

function judge(receiver: Receiver, role: Role | undefined, outbox: readonly OutboxEvent[]): ReceiverVerdict {
  const types = role?.eventTypes ?? [];
  const wanted = types.length === 0 ? outbox : outbox.filter(({ type }) => types.includes(type));
  return judgeReceiver(wanted, receiver.seen.values());
}

function countEvents(log: readonly string[]): ReadonlyMap<string, number> {
  const names = log.flatMap((message) => /"event":"([a-z_]+)"/.exec(message)?.[1] ?? []);
  return new Map([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}

async function addReceiver(role: Role, seed: number, { databaseUrl }: EventsStack): Promise<Receiver> {
  const [secret, newSecret] = [createSecret(), createSecret()];
  const { name, failureShare, eventTypes, isRotating } = role;
  const receiver = await startReceiver({ name, secret, failureShare, random: createRandom(seed) });
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into webhook_endpoints (id, url, event_types, secret, previous_secret, previous_secret_until, created_by, created_at, updated_at)
       values ($1, $2, $3, $4, $5, case when $5::text is null then null else now() + interval '1 day' end, 'chaos', now(), now())`,
      [uuidv7(), receiver.url, eventTypes, isRotating ? newSecret : secret, isRotating ? secret : null],
    ),
  );
  return receiver;
}

function createSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** What goes on beside the changes: nudges, as the API gives them, the cron trigger, a hundred times as often, and what fails. */
function conduct(
  { worker }: EventsStack,
  advance: (share: number) => Promise<void>,
  share: () => number,
  signal: AbortSignal,
): { stop(): void; readonly ended: Promise<unknown> } {
  const stopping = new AbortController();
  const either = AbortSignal.any([signal, stopping.signal]);
  const repeat = async (everyMs: number, work: () => Promise<void>): Promise<void> => {
    while (!either.aborted) {
      await work();
      await sleep(everyMs, undefined, { signal: either }).catch(() => undefined);
    }
  };
  return {
    stop: () => stopping.abort(),
    ended: Promise.all([
      repeat(TICK_MS, worker.nudge),
      repeat(CRON_MS, worker.runCron),
      repeat(TICK_MS, () => advance(share())),
    ]),
  };
}

function describeProgress(made: number, receivers: readonly Receiver[]): string {
  return `${made} changes; taken: ${receivers.map(({ name, taken }) => `${name} ${taken}`).join(", ")}`;
}

/** How long nothing may be delivered before the rest is taken for lost. */
const STALLED_MS = 90_000;

/** Until every event is dispatched and no delivery is pending, or nothing goes on any more. */
async function waitUntilSent(databaseUrl: string, signal: AbortSignal): Promise<void> {
  let [least, since] = [Infinity, performance.now()];
  while (!signal.aborted && performance.now() - since < STALLED_MS) {
    const left = await withClient(databaseUrl, countLeft).catch(() => null);
    if (left === 0) return;
    if (left !== null && left < least) [least, since] = [left, performance.now()];
    await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function countLeft(client: Parameters<Parameters<typeof withClient>[1]>[0]): Promise<number> {
  const { rows } = await client.query<{ left: number }>(
    `select ((select count(*) from webhook_deliveries where state = 'pending')
      + (select count(*) from user_events event, webhook_dispatch dispatch
         where (event.stamp, event.position) > (dispatch.stamp, dispatch.position)))::integer as left`,
  );
  return rows[0]?.left ?? 0;
}

async function readOutbox(databaseUrl: string): Promise<readonly OutboxEvent[]> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ event_id: string; type: string; user_id: string; user_version: number }>(
      "select event_id, type, user_id, user_version from user_events order by stamp, position",
    );
    return rows.map((row) => ({
      id: row.event_id,
      type: row.type,
      userId: row.user_id,
      userVersion: row.user_version,
    }));
  });
}

async function countDeliveries(databaseUrl: string): Promise<Readonly<Record<string, number>>> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ state: string; count: number }>(
      "select state, count(*)::integer as count from webhook_deliveries group by state",
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  });
}
