import { env, WorkerEntrypoint } from "cloudflare:workers";

import type { EventsService } from "../../src/models/webhook.ts";
import type { PlatformBindings } from "./dependencies.ts";
import { startWorker } from "./worker.ts";

export { FeedDirectory } from "./feed/feed-directory.ts";
export { UserEventFeed } from "./feed/user-event-feed.ts";

const worker = startWorker(env as unknown as PlatformBindings);

/** What the API calls over its service binding. */
export class EventsDispatcher extends WorkerEntrypoint implements EventsService {
  nudge(): Promise<void> {
    this.ctx.waitUntil(worker.nudge());
    return Promise.resolve();
  }

  /** An upgrade, which a method's answer could not carry. */
  override fetch(request: Request): Promise<Response> {
    return worker.openSocket(request);
  }
}

/** Nothing is reached over the network. */
export default {
  async scheduled({ cron }) {
    await worker.scheduled(cron);
  },
  async queue(batch) {
    await worker.queue(batch);
  },
} satisfies ExportedHandler;
