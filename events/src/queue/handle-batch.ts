import type { Lane } from "../models/delivery.ts";
import { readLane } from "./lane-messages.ts";

/** A message of the queue, as the platform hands it over, as far as it is used. */
export interface QueueMessage {
  readonly body: unknown;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

export interface BatchOptions {
  /** Rejects when what has happened cannot be noted. */
  readonly deliver: (lane: Lane) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A message whose work could not be begun comes back after so long. */
const RETRY_SECONDS = 5;
/** How long the next batch waits when nothing of one could be worked on. */
const PAUSE_MS = 1_000;

/**
 * Makes what works on the lanes of a batch side by side; it gives what was thrown. While the database is away every batch fails
 * at once, and without a pause all messages that wait would use up their retries in a moment.
 */
export function createBatchHandler(options: BatchOptions): (messages: readonly QueueMessage[]) => Promise<unknown[]> {
  const work = createMessageHandler(options);
  return async (messages) => {
    const errors = (await Promise.all(messages.map(work))).filter((error) => error !== null);
    if (errors.length > 0 && errors.length === messages.length) await options.sleep(PAUSE_MS);
    return errors;
  };
}

/** One message: work on its lane, and away with it; gives what was thrown, if anything was. */
function createMessageHandler({ deliver }: BatchOptions) {
  return async (message: QueueMessage): Promise<unknown> => {
    const lane = readLane(message.body);
    if (lane === null) {
      message.ack();
      return new TypeError("a message that names no lane");
    }
    try {
      await deliver(lane);
      message.ack();
      return null;
    } catch (error) {
      message.retry({ delaySeconds: RETRY_SECONDS });
      return error;
    }
  };
}
