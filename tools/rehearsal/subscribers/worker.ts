// The subscribers in a thread of their own, so that they disturb neither the load nor what the rehearsal does.
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

import type { SubscriberMessage, SubscriberOptions, Wanted } from "./index.ts";
import type { Kind, Subscriber } from "./kinds.ts";
import { subscribeByPages } from "./pages.ts";
import { subscribeBySse } from "./sse.ts";
import { startWebhookReceiver } from "./webhook.ts";
import { subscribeByWebSocket } from "./websocket.ts";

const LOOK_MS = 200;

async function main({ origin, apiKeys, secret, kinds }: SubscriberOptions): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("the subscribers run in a worker thread only");
  const post = (message: SubscriberMessage): void => port.postMessage(message);
  const receiver = await startWebhookReceiver(secret);
  const start: Readonly<Record<Kind, () => Subscriber>> = {
    sse: () => subscribeBySse({ origin, apiKey: apiKeys.sse }),
    pages: () => subscribeByPages({ origin, apiKey: apiKeys.pages }),
    websocket: () => subscribeByWebSocket({ origin, apiKey: apiKeys.websocket }),
    webhook: () => receiver,
  };
  const subscribers = kinds.map((kind) => start[kind]());
  port.once("message", (wanted: Wanted) => void finish(wanted));
  post({ kind: "ready", receiverUrl: receiver.url });

  async function finish({ ids, timeoutMs }: Wanted): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline && !subscribers.every((subscriber) => hasAll(subscriber, ids[subscriber.kind])))
      await sleep(LOOK_MS);
    await Promise.all([...subscribers, receiver].map((subscriber) => subscriber.stop()));
    const sightings = subscribers.map(({ kind, ids: seen, reconnects, invalid }) => ({
      kind,
      ids: seen,
      reconnects,
      invalid,
    }));
    post({ kind: "done", sightings });
    port?.close();
  }
}

function hasAll({ ids }: Subscriber, wanted: readonly string[]): boolean {
  if (ids.length < wanted.length) return false;
  const seen = new Set(ids);
  return wanted.every((id) => seen.has(id));
}

await main(workerData);
