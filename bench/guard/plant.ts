import { writeFileSync } from "node:fs";
import path from "node:path";

import { bundleWorker } from "../stack/bundle-worker.ts";

/** Multiplications, each of which needs the one before: about 100 microseconds on a processor of today. */
const ROUNDS = 80_000;

/** Wraps a bundle so that every request costs a little more, as a careless change would. Clocks stand still in a Worker, so it counts. */
export async function plantSlowdown(script: string, folder: string): Promise<string> {
  const waste = `let kept = 1;
const plant = () => {
  let value = kept;
  for (let round = 0; round < ${ROUNDS}; round += 1) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  kept = value;
};`;
  return await wrap({ script, folder, name: "slow", plant: waste });
}

/** Wraps a bundle so that every request delivers a batch of its own, as telemetry without a buffer would. */
export async function plantBatches(script: string, folder: string): Promise<string> {
  const deliver = `import { env } from "cloudflare:workers";
const plant = (request, bindings, background) => {
  if (env.TELEMETRY === undefined) return;
  const id = crypto.randomUUID().replaceAll("-", "");
  const version = { id: "local", tag: "" };
  const nothing = { requests: [], statements: [], counters: [], breaker: "closed" };
  background.waitUntil(env.TELEMETRY.record({ id, isolate: id.slice(16), takenAt: Date.now(), version, ...nothing }));
};`;
  return await wrap({ script, folder, name: "batches", plant: deliver });
}

interface Planted {
  readonly script: string;
  readonly folder: string;
  /** Of the bundle, without its ending. */
  readonly name: string;
  /** JavaScript that makes the function `plant`, which is called before each request. */
  readonly plant: string;
}

async function wrap({ script, folder, name, plant }: Planted): Promise<string> {
  const wrapper = path.join(folder, `${name}-entry.mjs`);
  const outFile = path.join(folder, `${name}.js`);
  writeFileSync(
    wrapper,
    `import worker from ${JSON.stringify(script)};
${plant}
export default {
  ...worker,
  fetch(...args) {
    plant(...args);
    return worker.fetch(...args);
  },
};
`,
  );
  await bundleWorker(wrapper, outFile);
  return outFile;
}
