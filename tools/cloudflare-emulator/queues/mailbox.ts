import type { QueuedMessage } from "./message.ts";
import type { Consumer } from "./queues.ts";

/** Cloudflare's, where a consumer says nothing. */
const DEFAULT_BATCH_SIZE = 10;
const DEFAULT_WAIT_MS = 5_000;
/** Cloudflare's grows with the backlog, up to 250. */
const DEFAULT_CONCURRENCY = 10;

export interface MailboxOptions {
  /** Null while nothing may be delivered. */
  readonly consumer: () => Consumer | null;
  /** Called with a batch; never rejects. Batches of one mailbox overlap. */
  readonly deliver: (batch: readonly QueuedMessage[], consumer: Consumer) => Promise<void>;
}

/** The messages of one queue, and when they go. */
export interface Mailbox {
  /** Those that could go now. */
  readonly waiting: readonly QueuedMessage[];
  put(messages: readonly QueuedMessage[], delayMs: number): void;
  /** Call it when the consumer is another one. */
  pump(): void;
  /** Forgets everything. */
  close(): void;
}

export function createMailbox({ consumer: currentConsumer, deliver }: MailboxOptions): Mailbox {
  const waiting: QueuedMessage[] = [];
  const delays = new Set<NodeJS.Timeout>();
  let fill: NodeJS.Timeout | null = null;
  let running = 0;
  let isClosed = false;

  const start = (consumer: Consumer): void => {
    running += 1;
    const batch = waiting.splice(0, batchSizeOf(consumer));
    void deliver(batch, consumer).finally(() => {
      running -= 1;
      pump();
    });
  };
  /** Delivers what is full; what is not gets its time to fill. */
  const pump = (): void => {
    const consumer = currentConsumer();
    if (isClosed || consumer === null) return;
    const hasRoom = (): boolean => running < (consumer.settings.max_concurrency ?? DEFAULT_CONCURRENCY);
    while (waiting.length >= batchSizeOf(consumer) && hasRoom()) start(consumer);
    if (waiting.length > 0 && hasRoom())
      fill ??= setTimeout(goUnfilled, consumer.settings.max_wait_time_ms ?? DEFAULT_WAIT_MS).unref();
  };
  const goUnfilled = (): void => {
    fill = null;
    const consumer = currentConsumer();
    if (consumer !== null && waiting.length > 0) start(consumer);
    pump();
  };
  const arrive = (messages: readonly QueuedMessage[]): void => {
    waiting.push(...messages);
    pump();
  };
  return {
    waiting,
    put(messages, delayMs) {
      if (isClosed || messages.length === 0) return;
      if (delayMs === 0) return arrive(messages);
      const timer = setTimeout(() => {
        delays.delete(timer);
        arrive(messages);
      }, delayMs).unref();
      delays.add(timer);
    },
    pump,
    close() {
      isClosed = true;
      waiting.length = 0;
      for (const timer of delays) clearTimeout(timer);
      if (fill !== null) clearTimeout(fill);
    },
  };
}

function batchSizeOf({ settings }: Consumer): number {
  return settings.batch_size ?? DEFAULT_BATCH_SIZE;
}
