import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { Kind, Sightings } from "./kinds.ts";

/** What the subscribers need; can be sent to another thread. */
export interface SubscriberOptions {
  /** Where the service listens. */
  readonly origin: string;
  readonly kinds: readonly Kind[];
  readonly apiKeys: Readonly<Record<Exclude<Kind, "webhook">, string>>;
  /** Of the webhook's endpoint. */
  readonly secret: string;
}

/** The events that each of them is waited for, and for how long. */
export interface Wanted {
  readonly ids: Readonly<Record<Kind, readonly string[]>>;
  readonly timeoutMs: number;
}

/** What their thread tells. */
export type SubscriberMessage =
  | { readonly kind: "ready"; readonly receiverUrl: string }
  | { readonly kind: "done"; readonly sightings: readonly Sightings[] };

/** Subscribers under way, one of each kind. */
export interface Subscribers {
  /** Where webhooks are taken. */
  readonly receiverUrl: string;
  /** Gives them time to catch up, makes them leave, and gives what they saw. */
  finish(wanted: Wanted): Promise<readonly Sightings[]>;
  /** Ends them at once. */
  kill(): Promise<void>;
}

/** Starts subscribers in a thread of their own; resolves when they are under way. */
export async function startSubscribers(options: SubscriberOptions): Promise<Subscribers> {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: options });
  const [ready]: SubscriberMessage[] = await once(worker, "message");
  if (ready?.kind !== "ready") throw new Error("the subscribers did not say where they take webhooks");
  const done = Promise.withResolvers<readonly Sightings[]>();
  // Nobody waits for it yet.
  void done.promise.catch(() => undefined);
  worker.on("message", (message: SubscriberMessage) => {
    if (message.kind === "done") done.resolve(message.sightings);
  });
  worker.on("error", done.reject);
  worker.on("exit", () => done.reject(new Error("the subscribers ended before they were told to")));
  return {
    receiverUrl: ready.receiverUrl,
    async finish(wanted) {
      worker.postMessage(wanted);
      return await done.promise;
    },
    async kill() {
      await worker.terminate();
    },
  };
}
