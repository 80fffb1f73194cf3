import { randomBytes } from "node:crypto";

import type { SubscriberEvidence } from "../report/subscribers.ts";
import type { RehearsalStack } from "../stack/index.ts";
import { startSubscribers } from "./index.ts";
import { KINDS } from "./kinds.ts";
import { createEndpoint, readOutbox, wantedOf } from "./outbox.ts";

/** Standard Webhooks': 24 to 64 bytes. */
const SECRET_BYTES = 32;
/** Longer than the minute in which a lost nudge is noticed. */
const CATCH_UP_MS = 90_000;

/** Those who listen to all that happens in a rehearsal. */
export interface Followers {
  /** Once nothing happens any more: waits until they have seen everything, or for some time, and makes them leave. */
  finish(): Promise<SubscriberEvidence>;
}

/** Connects a subscriber of each kind. `onStarted` gets a way to stop them. */
export async function followEvents(
  { origin, subscriberKeys: apiKeys, databaseUrl }: RehearsalStack,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<Followers> {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
  const subscribers = await startSubscribers({ origin, kinds: KINDS, apiKeys, secret });
  onStarted(subscribers.kill);
  const webhookSince = await createEndpoint(databaseUrl, subscribers.receiverUrl, secret);
  return {
    async finish() {
      const outbox = await readOutbox(databaseUrl);
      const ids = wantedOf(outbox, webhookSince);
      const sightings = await subscribers.finish({ ids, timeoutMs: CATCH_UP_MS });
      return { sightings, outbox, webhookSince };
    },
  };
}
