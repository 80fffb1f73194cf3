import { join } from "node:path";

import { startWorkerd } from "../../tools/workerd/start-workerd.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import type { BenchStack } from "../stack/stack.ts";
import type { Variant } from "./variant.ts";

/** What it has answers for. */
const SERVED = new Set(["health", "unauthorized", "rate-limited"]);

/** Bundles the Worker that decides nothing but says and logs what the API does. */
export async function ceilingVariant({ folder, api, recording }: BenchStack): Promise<Variant> {
  const script = join(folder, "ceiling.js");
  await bundleWorker(join(ROOT, "bench/workers/ceiling.ts"), script);
  return {
    name: "ceiling",
    title: "the same headers and body, and a line for the log, without any decision",
    serves: ({ name }) => SERVED.has(name),
    agreement: "body",
    start: () =>
      startWorkerd({
        name: "ceiling",
        script,
        folder: join(folder, "ceiling"),
        probePath: "/health",
        worker: {
          ...api.worker,
          bindings: [
            { kind: "text", name: "VERSION_ID", value: api.versionId },
            { kind: "json", name: "PROBLEMS", value: recording.problems },
          ],
        },
      }),
  };
}
