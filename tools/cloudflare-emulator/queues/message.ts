export const CONTENT_TYPES = ["text", "json", "bytes", "v8"] as const;

/** How a body stands in its bytes; `v8` is the runtime's own serialisation, which is handed on as it is. */
export type ContentType = (typeof CONTENT_TYPES)[number];

/** A message as a producer sends it. */
export interface NewMessage {
  readonly contentType: ContentType;
  readonly body: Buffer;
  /** Null for what the queue says. */
  readonly delayS: number | null;
}

/** A message in a queue. */
export interface QueuedMessage extends Pick<NewMessage, "contentType" | "body"> {
  /** 32 hex digits; stays the same in the queue of dead letters. */
  readonly id: string;
  readonly sentAt: Date;
  /** How often it has been delivered. */
  readonly attempts: number;
}

/** What became of a delivery, in the runtime's words. */
export interface BatchResult {
  /** `ok` unless the handler failed. */
  readonly outcome: string;
  readonly ackAll: boolean;
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number };
  /** Ids of messages. */
  readonly explicitAcks: readonly string[];
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
}

/** A message that is to come again, or, after its last attempt, to go. */
export interface Retry {
  readonly message: QueuedMessage;
  /** Null for what the consumer's settings say. */
  readonly delayS: number | null;
}

/**
 * The messages of a batch that are not done with. What a handler said of one message counts before what it said of all, and that
 * before how it ended: a failure retries only those that were not acknowledged.
 */
export function retriesOf(
  batch: readonly QueuedMessage[],
  { outcome, ackAll, retryBatch, explicitAcks, retryMessages }: BatchResult,
): readonly Retry[] {
  const acknowledged = new Set(explicitAcks);
  const retried = new Map(retryMessages.map(({ msgId, delaySeconds }) => [msgId, delaySeconds ?? null]));
  return batch.flatMap((message) => {
    const delayS = retried.get(message.id);
    if (delayS !== undefined) return [{ message, delayS: delayS ?? retryBatch.delaySeconds ?? null }];
    if (acknowledged.has(message.id) || ackAll) return [];
    if (retryBatch.retry || outcome !== "ok") return [{ message, delayS: retryBatch.delaySeconds ?? null }];
    return [];
  });
}
