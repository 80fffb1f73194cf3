import { writeFileSync } from "node:fs";
import path from "node:path";

import { bundleWorker } from "../stack/bundle-worker.ts";

/** Multiplications, each of which needs the one before: about 100 microseconds on a processor of today. */
const ROUNDS = 80_000;

/** Wraps a bundle so that every request costs a little more, as a careless change would. Clocks stand still in a Worker, so it counts. */
export async function plantSlowdown(script: string, folder: string): Promise<string> {
  const wrapper = path.join(folder, "slow-entry.mjs");
  const outFile = path.join(folder, "slow.js");
  writeFileSync(
    wrapper,
    `import worker from ${JSON.stringify(script)};
let kept = 1;
const waste = () => {
  let value = kept;
  for (let round = 0; round < ${ROUNDS}; round += 1) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  kept = value;
};
export default {
  ...worker,
  fetch(...args) {
    waste();
    return worker.fetch(...args);
  },
};
`,
  );
  await bundleWorker(wrapper, outFile);
  return outFile;
}
