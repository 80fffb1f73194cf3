import { gzipSync } from "node:zlib";

import { z } from "zod";

/** 150 KiB for the API, five for what keeps it working while the database does not, three for measuring it, two for telling of it, five for events, two for webhooks, seven for feature flags. */
export const GZIP_BUDGET_BYTES = 174 * 1024;

/** The RPC Worker: Connect's runtime and the messages' for the most part; a few KiB are left for more methods. */
export const RPC_GZIP_BUDGET_BYTES = 60 * 1024;

/** CPU time in which a Worker must have evaluated its global scope: developers.cloudflare.com/workers/platform/limits/#worker-startup-time */
export const STARTUP_LIMIT_MS = 1_000;

/** A tenth of what the platform allows: its machines may be slower, and are never idle. */
export const STARTUP_BUDGET_MS = STARTUP_LIMIT_MS / 10;

/** From here on the platform may refuse a version, on a machine that is half as fast as ours. */
export const STARTUP_DANGER_MS = STARTUP_LIMIT_MS / 2;

/** Measurements of one start-up at most. */
const MAX_STARTUP_RUNS = 5;

/** Repeats a measurement while it is over a limit: a busy machine makes a start-up look slow but never fast. */
export async function leastStartupMs(measureOnce: () => Promise<number>, limitMs: number): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < MAX_STARTUP_RUNS && leastMs > limitMs; run += 1) {
    leastMs = Math.min(leastMs, await measureOnce());
  }
  return leastMs;
}

/** What esbuild says of a build: how many bytes each source file left in each output. */
export const buildMetadata = z.object({
  outputs: z.record(
    z.string(),
    z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })).default({}) }),
  ),
});

/** The fields of a V8 CPU profile that tell how long the Worker was busy. */
export const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface Measurement {
  readonly modules: readonly Uint8Array[];
  readonly metadata: z.infer<typeof buildMetadata>;
  readonly startupMs: number;
}

export interface BundleSize {
  readonly rawBytes: number;
  /** As it counts for the platform's limit. */
  readonly gzipBytes: number;
}

export interface Verdict extends BundleSize {
  readonly problems: readonly string[];
}

/** Time spent in anything but waiting, in milliseconds; the profile counts in microseconds. */
export function busyMs({ nodes, samples, timeDeltas }: z.infer<typeof cpuProfile>): number {
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id));
  const busy = timeDeltas.filter((_, index) => !idle.has(samples[index] ?? Number.NaN));
  return busy.reduce((sum, delta) => sum + delta, 0) / 1000;
}

/** zod's translations are a third of a naive bundle; our answers are English, so an alias drops the rest. */
export function foreignLocales({ outputs }: z.infer<typeof buildMetadata>): string[] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && /\/zod\/.*\/locales\/(?!en\.|index\.)/.test(path))
    .map(([path]) => path.slice(path.lastIndexOf("/") + 1));
}

export function sizeOf(modules: readonly Uint8Array[]): BundleSize {
  const all = Buffer.concat(modules);
  return { rawBytes: all.byteLength, gzipBytes: gzipSync(all, { level: 9 }).byteLength };
}

export function judge({ modules, metadata, startupMs }: Measurement, gzipBudgetBytes = GZIP_BUDGET_BYTES): Verdict {
  const { rawBytes, gzipBytes } = sizeOf(modules);
  const locales = foreignLocales(metadata);
  const problems = [
    ...(rawBytes === 0 ? ["the build wrote no module"] : []),
    ...(gzipBytes > gzipBudgetBytes ? [`${gzipBytes - gzipBudgetBytes} bytes over the size budget`] : []),
    ...(startupMs > STARTUP_BUDGET_MS ? [`start-up is busy for ${startupMs.toFixed(0)} ms, over its budget`] : []),
    ...(locales.length > 0
      ? [`${locales.length} translations of zod are in the bundle (${locales[0]}, …): its locale alias is lost`]
      : []),
  ];
  return { rawBytes, gzipBytes, problems };
}
