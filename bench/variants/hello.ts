import { join } from "node:path";

import { startWorkerd } from "../../tools/workerd/start-workerd.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import type { BenchStack } from "../stack/stack.ts";
import type { Variant } from "./variant.ts";

/** Bundles the Worker that does nothing: what the runtime itself takes for a request. */
export async function helloVariant({ folder, api }: BenchStack): Promise<Variant> {
  const script = join(folder, "hello.js");
  await bundleWorker(join(ROOT, "bench/workers/hello.ts"), script);
  return {
    name: "hello",
    title: "a constant from workerd",
    serves: () => true,
    agreement: "none",
    start: () =>
      startWorkerd({
        name: "hello",
        script,
        folder: join(folder, "hello"),
        probePath: "/",
        worker: { ...api.worker, bindings: [] },
      }),
  };
}
