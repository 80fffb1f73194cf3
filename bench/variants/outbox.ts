import type { BenchStack } from "../stack/stack.ts";
import { startApi } from "./api.ts";
import type { Variant } from "./variant.ts";

/** The API over a database whose changes leave no events: what the outbox costs is what it is faster by. */
export const withoutOutboxVariant = (stack: BenchStack): Variant => ({
  name: "api-no-outbox",
  title: "the API, whose changes leave no events",
  serves: () => true,
  agreement: "body",
  async start() {
    await stack.database.recordEvents(false);
    const server = await startApi(stack);
    return {
      ...server,
      async stop() {
        await server.stop();
        await stack.database.recordEvents(true);
      },
    };
  },
});
