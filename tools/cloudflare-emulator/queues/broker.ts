import { randomBytes } from "node:crypto";

import { createMailbox, type Mailbox } from "./mailbox.ts";
import { type BatchResult, type NewMessage, type QueuedMessage, type Retry, retriesOf } from "./message.ts";
import type { Consumer, Queues } from "./queues.ts";

/** Cloudflare's, where a consumer says nothing. */
const DEFAULT_RETRIES = 3;
/** How long messages wait for a consumer that cannot be called at all. */
const ABSENT_MS = 1_000;

export interface Delivery {
  readonly script: string;
  readonly queue: string;
  readonly messages: readonly QueuedMessage[];
}

export interface BrokerOptions {
  readonly queues: Queues;
  /** Calls the handler of a live version; null when there is none to call. Rejects when the version was lost meanwhile. */
  readonly deliver: (delivery: Delivery) => Promise<BatchResult | null>;
  readonly log: (line: string) => void;
  readonly now: () => Date;
}

export interface Backlog {
  readonly count: number;
  readonly bytes: number;
  readonly oldest: Date | null;
}

/** Holds messages, in memory, until their consumers have taken them. Promises no order. */
export interface Broker {
  /** Whether there is such a queue. @param delayS of the binding; null for what the queue says */
  send(queueName: string, messages: readonly NewMessage[], delayS: number | null): boolean;
  backlog(queueName: string): Backlog;
  /** Forgets all messages. */
  close(): void;
}

export function createBroker(options: BrokerOptions): Broker {
  const { queues, now } = options;
  const mailboxes = new Map<string, Mailbox>();
  const put: Put = (queueName, messages, delayMs) => {
    if (queues.findByName(queueName) === null) return;
    const mailbox =
      mailboxes.get(queueName) ??
      createMailbox({
        consumer: () => findConsumer(queues, queueName),
        deliver: (batch, consumer) => deliverBatch(options, put, { queueName, batch, consumer }),
      });
    mailboxes.set(queueName, mailbox);
    mailbox.put(messages, delayMs);
  };
  queues.onChange(({ name }) => {
    if (queues.findByName(name) !== null) return mailboxes.get(name)?.pump();
    mailboxes.get(name)?.close();
    mailboxes.delete(name);
  });
  return {
    send(queueName, messages, usualDelayS) {
      const queue = queues.findByName(queueName);
      for (const { delayS, contentType, body } of messages) {
        const message = { id: randomBytes(16).toString("hex"), sentAt: now(), attempts: 0, contentType, body };
        put(queueName, [message], toMs(delayS ?? usualDelayS ?? queue?.settings.delivery_delay ?? 0));
      }
      return queue !== null;
    },
    backlog(queueName) {
      const waiting = mailboxes.get(queueName)?.waiting ?? [];
      const bytes = waiting.reduce((sum, { body }) => sum + body.length, 0);
      return { count: waiting.length, bytes, oldest: waiting[0]?.sentAt ?? null };
    },
    close() {
      for (const mailbox of mailboxes.values()) mailbox.close();
    },
  };
}

type Put = (queueName: string, messages: readonly QueuedMessage[], delayMs: number) => void;

interface Batch {
  readonly queueName: string;
  readonly batch: readonly QueuedMessage[];
  readonly consumer: Consumer;
}

function findConsumer(queues: Queues, queueName: string): Consumer | null {
  const queue = queues.findByName(queueName);
  return queue?.settings.delivery_paused === true ? null : (queue?.consumer ?? null);
}

/** One delivery, and what follows from it. */
async function deliverBatch({ deliver, log }: BrokerOptions, put: Put, sent: Batch): Promise<void> {
  const { queueName, batch, consumer } = sent;
  const messages = batch.map((message) => ({ ...message, attempts: message.attempts + 1 }));
  const result = await deliver({ script: consumer.script, queue: queueName, messages }).catch(toFailure);
  // Nobody has tried.
  if (result === null) return put(queueName, batch, ABSENT_MS);
  const retries = retriesOf(messages, result);
  const dead = retryOrGiveUp(put, queueName, consumer, retries);
  const taken = messages.length - retries.length;
  const lost = dead === 0 ? "" : `, ${dead} given up`;
  log(`${consumer.script}  queue ${queueName}: ${result.outcome}, ${taken} of ${messages.length} taken${lost}`);
}

/** Gives the number of messages that have had their last attempt. */
function retryOrGiveUp(put: Put, queueName: string, consumer: Consumer, retries: readonly Retry[]): number {
  const { max_retries: maxRetries = DEFAULT_RETRIES, retry_delay: usualDelayS = 0 } = consumer.settings;
  const isLast = ({ message }: Retry): boolean => message.attempts > maxRetries;
  for (const { message, delayS } of retries.filter((retry) => !isLast(retry)))
    put(queueName, [message], toMs(delayS ?? usualDelayS));
  const dead = retries.filter(isLast).map(({ message }) => ({ ...message, attempts: 0 }));
  if (consumer.deadLetterQueue !== null) put(consumer.deadLetterQueue, dead, 0);
  return dead.length;
}

function toFailure(error: unknown): BatchResult {
  const outcome = error instanceof Error ? error.message : String(error);
  return { outcome, ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] };
}

function toMs(seconds: number): number {
  return seconds * 1_000;
}
