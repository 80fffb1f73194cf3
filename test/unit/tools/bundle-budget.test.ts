import { randomBytes } from "node:crypto";

import { describe, test } from "vitest";

import {
  busyMs,
  foreignLocales,
  GZIP_BUDGET_BYTES,
  judge,
  leastStartupMs,
  type Measurement,
  STARTUP_BUDGET_MS,
} from "../../../tools/bundle/measure.ts";

const metadataOf = (...paths: readonly (readonly [path: string, bytesInOutput: number])[]) => ({
  outputs: {
    "index.js": { inputs: Object.fromEntries(paths.map(([path, bytes]) => [path, { bytesInOutput: bytes }])) },
  },
});

const measurement = (overrides: Partial<Measurement> = {}): Measurement => ({
  modules: [Buffer.from("export default {}")],
  metadata: metadataOf(["src/index.ts", 17]),
  startupMs: 12,
  ...overrides,
});

describe("the bundle's budget", () => {
  test("a small bundle passes and is measured", ({ expect }) => {
    const verdict = judge(measurement());
    expect(verdict.problems).toEqual([]);
    expect(verdict.rawBytes).toBe(17);
    expect(verdict.gzipBytes).toBeGreaterThan(0);
  });

  test("what counts is the size after compression", ({ expect }) => {
    const repetitive = measurement({ modules: [Buffer.alloc(GZIP_BUDGET_BYTES * 4, "a")] });
    const random = measurement({ modules: [randomBytes(GZIP_BUDGET_BYTES), randomBytes(1)] });
    expect(judge(repetitive).problems).toEqual([]);
    expect(judge(random).problems).toEqual([expect.stringContaining("over the size budget")]);
  });

  test("a build without a module is no small build", ({ expect }) => {
    expect(judge(measurement({ modules: [] })).problems).toEqual(["the build wrote no module"]);
  });

  test("a slow start-up fails", ({ expect }) => {
    expect(judge(measurement({ startupMs: 100 })).problems).toEqual([]);
    expect(judge(measurement({ startupMs: 100.6 })).problems).toEqual([expect.stringContaining("busy for 101 ms")]);
  });

  test("translations of zod fail, its English messages and dropped files do not", ({ expect }) => {
    const folder = "../node_modules/zod/v4/locales";
    const metadata = metadataOf([`${folder}/en.js`, 3000], [`${folder}/de.js`, 6000], [`${folder}/fr.js`, 0]);
    expect(foreignLocales(metadata)).toEqual(["de.js"]);
    expect(judge(measurement({ metadata })).problems).toEqual([expect.stringContaining("1 translations of zod")]);
  });
});

describe("a start-up that is measured more than once", () => {
  const least = async (...runs: readonly number[]) => {
    const waiting = [...runs];
    return { ms: await leastStartupMs(() => Promise.resolve(waiting.shift() ?? 0), STARTUP_BUDGET_MS), left: waiting };
  };

  test("counts as fast as it was once, and is not measured again when it fits", async ({ expect }) => {
    expect(await least(STARTUP_BUDGET_MS, 1)).toEqual({ ms: STARTUP_BUDGET_MS, left: [1] });
    expect(await least(400, 300, 90, 1)).toEqual({ ms: 90, left: [1] });
  });

  test("is too slow when it never fits", async ({ expect }) => {
    expect(await least(400, 300, 200, 300, 400, 1)).toEqual({ ms: 200, left: [1] });
  });
});

test("start-up counts everything but idle samples, in milliseconds", ({ expect }) => {
  const nodes = ["(root)", "(idle)", "(garbage collector)", "main"].map((functionName, index) => ({
    id: index + 1,
    callFrame: { functionName },
  }));
  expect(busyMs({ nodes, samples: [4, 2, 3, 4], timeDeltas: [1000, 50_000, 250, 2000] })).toBe(3.25);
});
