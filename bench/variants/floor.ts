import { join } from "node:path";

import { startWorkerd } from "../../tools/workerd/start-workerd.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import type { BenchStack } from "../stack/stack.ts";
import { CURSOR_SECRET } from "./api.ts";
import type { Variant } from "./variant.ts";

/** Bundles the floor; it is handed what the API sends and says, so that neither is written twice. */
export async function floorVariant(stack: BenchStack): Promise<Variant> {
  const { folder, gateway, api, recording } = stack;
  const script = join(folder, "floor.js");
  await bundleWorker(join(ROOT, "bench/workers/floor/index.ts"), script);
  return {
    name: "floor",
    title: "the same statement and answer by hand, without a framework",
    serves: () => true,
    agreement: "body",
    start: () =>
      startWorkerd({
        name: "floor",
        script,
        folder: join(folder, "floor"),
        probePath: "/health",
        worker: {
          ...api.worker,
          bindings: [
            { kind: "text", name: "ENDPOINT", value: gateway.endpoint },
            { kind: "text", name: "CONNECTION_STRING", value: gateway.connectionString },
            { kind: "text", name: "VERSION_ID", value: api.versionId },
            { kind: "text", name: "CURSOR_SECRET", value: CURSOR_SECRET },
            { kind: "json", name: "STATEMENTS", value: recording.statements },
            { kind: "json", name: "PROBLEMS", value: recording.problems },
          ],
        },
      }),
  };
}
