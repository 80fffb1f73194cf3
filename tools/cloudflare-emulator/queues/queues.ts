import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

import { writeAtomically } from "../control-plane/state/atomic-file.ts";

/** In the state folder. */
export const QUEUES_FOLDER = "queues";
const FILE = "queues.json";

/** The Worker that gets a queue's messages, and how; what it leaves open is decided by the broker. */
export interface Consumer {
  /** 32 hex digits. */
  readonly id: string;
  readonly script: string;
  /** Name of the queue for what was tried too often; null to drop it. */
  readonly deadLetterQueue: string | null;
  readonly settings: ConsumerSettings;
}

/** As Cloudflare's API calls them. */
export type ConsumerSettings = z.output<typeof consumerSettingsSchema>;
export type QueueSettings = z.output<typeof queueSettingsSchema>;

export interface Queue {
  /** 32 hex digits. */
  readonly id: string;
  /** Unique in the account; bindings lead to it by this. */
  readonly name: string;
  /** RFC 3339. */
  readonly createdOn: string;
  readonly settings: QueueSettings;
  /** Null while messages have nowhere to go. */
  readonly consumer: Consumer | null;
}

const MAX_DELAY_S = 86_400;

export const queueSettingsSchema = z.object({
  /** Seconds that messages wait first, when whoever sends them says nothing. */
  delivery_delay: z.number().int().min(0).max(MAX_DELAY_S).optional(),
  delivery_paused: z.boolean().optional(),
  /** Kept as it is told; messages here do not get old. */
  message_retention_period: z.number().int().min(60).max(1_209_600).optional(),
});

export const consumerSettingsSchema = z.object({
  batch_size: z.number().int().min(1).max(100).optional(),
  max_retries: z.number().int().min(0).max(100).optional(),
  max_wait_time_ms: z.number().int().min(0).max(60_000).optional(),
  max_concurrency: z.number().int().min(1).max(250).nullish(),
  /** Seconds. */
  retry_delay: z.number().int().min(0).max(MAX_DELAY_S).optional(),
});

const fileSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    createdOn: z.string(),
    settings: queueSettingsSchema,
    consumer: z
      .object({
        id: z.string(),
        script: z.string(),
        deadLetterQueue: z.string().nullable(),
        settings: consumerSettingsSchema,
      })
      .nullable(),
  }),
);

/** The queues of the account and who consumes them, kept in memory and on disk. Their messages are the broker's. */
export interface Queues {
  list(): readonly Queue[];
  /** By id. */
  find(id: string): Queue | null;
  findByName(name: string): Queue | null;
  /** Makes or replaces it. Resolves when it is safe on disk, as does `remove`. */
  save(queue: Queue): Promise<void>;
  remove(id: string): Promise<void>;
  /** Called with a queue after it was made, changed or removed. */
  onChange(listener: (queue: Queue) => void): void;
}

/** Reads what an earlier run left in `folder`. */
export function openQueues(folder: string): Queues {
  const file = path.join(folder, FILE);
  const stored = new Map(readQueues(file).map((queue) => [queue.id, queue]));
  const listeners: ((queue: Queue) => void)[] = [];
  let written = Promise.resolve();
  const write = async (changed: Queue): Promise<void> => {
    for (const listener of listeners) listener(changed);
    mkdirSync(folder, { recursive: true });
    const mine = written.then(() => writeAtomically(file, JSON.stringify([...stored.values()])));
    written = mine.catch(() => undefined);
    await mine;
  };
  return {
    list: () => [...stored.values()],
    find: (id) => stored.get(id) ?? null,
    findByName: (name) => [...stored.values()].find((queue) => queue.name === name) ?? null,
    async save(queue) {
      stored.set(queue.id, queue);
      await write(queue);
    },
    async remove(id) {
      const queue = stored.get(id);
      if (queue === undefined) return;
      stored.delete(id);
      await write(queue);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function readQueues(file: string): readonly Queue[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw new Error(`${file} cannot be read. Start with an empty state: --fresh`, { cause });
  }
}
