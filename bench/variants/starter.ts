import { join } from "node:path";

import { startWorkerd } from "../../tools/workerd/start-workerd.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { BENCH_KEY } from "../scenarios/keys.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import type { BenchStack } from "../stack/stack.ts";
import type { Variant } from "./variant.ts";

/** What templates do not bring along. */
const LACKING = new Set(["not-modified", "keyed-create", "rate-limited"]);

/** Bundles the usual code, with plain packages: the stand-ins of this project are not a template's. */
export async function starterVariant({ folder, gateway, api }: BenchStack): Promise<Variant> {
  const script = join(folder, "starter.js");
  await bundleWorker(join(ROOT, "bench/workers/starter/index.ts"), script);
  return {
    name: "starter",
    title: "Hono, zod-openapi and drizzle as in most templates",
    serves: ({ name }) => !LACKING.has(name),
    agreement: "success",
    start: () =>
      startWorkerd({
        name: "starter",
        script,
        folder: join(folder, "starter"),
        probePath: "/health",
        worker: {
          ...api.worker,
          bindings: [
            { kind: "text", name: "DATABASE_URL", value: gateway.connectionString },
            { kind: "text", name: "DATABASE_FETCH_ENDPOINT", value: gateway.endpoint },
            { kind: "text", name: "API_KEY", value: BENCH_KEY },
          ],
        },
      }),
  };
}
