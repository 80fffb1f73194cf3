import { createLogger, describeError, type Logger } from "../../src/observability/logger.ts";
import { ConfigError, parseConfig } from "./config.ts";
import { createDependencies, type Dependencies, type PlatformBindings } from "./dependencies.ts";
import { refuse as refuseSocket } from "./feed/open-socket.ts";
import { createBatchHandler, type QueueMessage } from "./queue/handle-batch.ts";

/** The Worker's handlers. */
export interface Worker {
  /** Dispatches, and tells those who follow the feed; never rejects, for whoever nudges does not wait for it. */
  nudge(): Promise<void>;
  /** Answers an upgrade to a WebSocket that the API hands on. */
  openSocket(request: Request): Promise<Response>;
  /** The cron trigger: `SWEEP_CRON` removes what is old, any other dispatches. */
  scheduled(cron: string): Promise<void>;
  queue(batch: { readonly messages: readonly QueueMessage[] }): Promise<void>;
}

/** As `wrangler.toml` has it. */
export const SWEEP_CRON = "23 * * * *";

/**
 * Builds everything once per isolate. With an invalid configuration nothing is done: messages stay in the queue, and the log
 * has the names of the variables.
 */
export function startWorker(bindings: PlatformBindings): Worker {
  try {
    return createWorker(createDependencies(parseConfig({ ...bindings }), bindings));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const version = bindings.CF_VERSION_METADATA;
    const base = { version_id: version?.id ?? "local", version_tag: version?.tag ?? null };
    createLogger({ level: "error", base }).log("error", "invalid_configuration", { error: describeError(error) });
    const refuse = () => Promise.reject(error);
    const openSocket = () => Promise.resolve(refuseSocket(503));
    return { nudge: () => Promise.resolve(), scheduled: refuse, queue: refuse, openSocket };
  }
}

function createWorker(dependencies: Dependencies): Worker {
  const { logger, dispatch, enqueueDue, sweep, openSocket, nudgeFeeds } = dependencies;
  const handleBatch = createBatchHandler(dependencies);
  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    await run().catch((error: unknown) => logFailure(logger, what, error));
  };
  const attemptNudge = async (): Promise<void> =>
    await nudgeFeeds().catch((error: unknown) =>
      logger.log("warn", "event_sockets_interrupted", { error: describeError(error) }),
    );
  return {
    openSocket,
    // Side by side: whoever follows the feed does not wait for deliveries.
    nudge: async () => void (await Promise.all([attempt("dispatch", dispatch), attemptNudge()])),
    async scheduled(cron) {
      if (cron !== SWEEP_CRON) return await attempt("dispatch", dispatch);
      await attempt("sweep", async () => logger.log("info", "webhooks_swept", { removed_deliveries: await sweep() }));
    },
    async queue({ messages }) {
      const errors = await handleBatch(messages);
      // One line for all: when the database is away, it is so for each of them.
      if (errors.length > 0) logFailure(logger, "deliver", errors[0], errors.length);
      await attempt("dispatch", enqueueDue);
    },
  };
}

/** Whatever could not be done now is done later: claims lapse, and the next run finds what they held. */
function logFailure(logger: Logger, what: string, error: unknown, times = 1): void {
  logger.log("error", "webhooks_interrupted", { what, times, error: describeError(error) });
}
