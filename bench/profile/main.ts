// `npm run bench:profile`: a CPU and an allocation profile of the Worker under load. See options.ts for the help text.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type CommandContext, runCommand } from "../../tools/command/run-command.ts";
import { findFreePort } from "../../tools/net/listen.ts";
import { buildApi } from "../../tools/workerd/api-bundle.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { findLoadTool } from "../load/find-tool.ts";
import { assertAnswers } from "../load/load.ts";
import { createNonces } from "../run/nonces.ts";
import { ROW_COUNT } from "../scenarios/rows.ts";
import { deletableFor } from "../stack/database.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startStack } from "../stack/start-stack.ts";
import { startApi } from "../variants/api.ts";
import { type CpuProfile, selfTimes } from "./cpu-profile.ts";
import { allocations, type HeapProfile } from "./heap-profile.ts";
import { connectInspector, type Inspector } from "./inspector.ts";
import { HELP, parseProfileOptions, type ProfileOptions } from "./options.ts";
import { formatProfile } from "./report.ts";
import { createSourceFinder } from "./sources.ts";

const CPU_INTERVAL_US = 100;
/** Bytes between two samples of allocations, on average. */
const HEAP_INTERVAL_BYTES = 1_024;
/** Until the code is compiled as well as it will be. */
const WARMUP_SECONDS = 3;

async function run(options: ProfileOptions, context: CommandContext): Promise<number> {
  const { progress, cleanup } = context;
  const stack = await startStack(context);
  progress.line("building the Worker without minifying it");
  const { script } = await buildApi(path.join(stack.folder, "readable"), { isMinified: false });
  const inspectorPort = await findFreePort();
  const api = await startApi(stack, { script, args: [`-i127.0.0.1:${inspectorPort}`], folder: "profiled" });
  cleanup.add(() => api.stop());
  const load = createLoad(options, stack, api.origin, context.signal);
  await load(WARMUP_SECONDS);
  const inspector = await connectInspector(inspectorPort);
  cleanup.add(() => inspector.close());
  progress.line(`CPU profile: ${options.scenario.name}, ${options.connections} connections, ${options.seconds} s`);
  const cpu = await profileCpu(inspector, () => load(options.seconds));
  progress.line("allocation profile: the same");
  const heap = await profileHeap(inspector, () => load(options.seconds));
  const findSource = createSourceFinder(readFileSync(script, "utf8"));
  const lines = [
    ...formatProfile({ title: "CPU", spent: selfTimes(cpu.profile, findSource), requests: cpu.requests, unit: "µs" }),
    ...formatProfile({
      title: "Memory",
      spent: allocations(heap.profile, findSource),
      requests: heap.requests,
      unit: "bytes",
    }),
  ];
  const files = writeProfiles(options, cpu.profile, heap.profile);
  console.log([...lines, "", ...files].join("\n"));
  return 0;
}

/** Makes load for some seconds; gives the number of requests that were answered. */
function createLoad({ scenario, connections }: ProfileOptions, stack: BenchStack, origin: string, signal: AbortSignal) {
  const tool = findLoadTool(null, stack.folder);
  const nextNonce = createNonces("p");
  return async (seconds: number): Promise<number> => {
    if (scenario.isWriting) await stack.database.restore({ deletable: deletableFor(scenario, seconds) });
    const load = { origin, scenario, connections, seconds, nonce: nextNonce(), rows: ROW_COUNT };
    const result = await tool.run(load, signal);
    assertAnswers("api", load, result);
    return result.requests;
  };
}

async function profileCpu(inspector: Inspector, load: () => Promise<number>) {
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: CPU_INTERVAL_US });
  await inspector.send("Profiler.start");
  const requests = await load();
  const { profile } = await inspector.send<{ profile: CpuProfile }>("Profiler.stop");
  return { profile, requests };
}

async function profileHeap(inspector: Inspector, load: () => Promise<number>) {
  // Objects that are gone again count as well: they are what makes the collector run.
  await inspector.send("HeapProfiler.startSampling", {
    samplingInterval: HEAP_INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  const requests = await load();
  const { profile } = await inspector.send<{ profile: HeapProfile }>("HeapProfiler.stopSampling");
  return { profile, requests };
}

function writeProfiles({ scenario, outFolder }: ProfileOptions, cpu: CpuProfile, heap: HeapProfile): string[] {
  const folder = path.resolve(outFolder ?? path.join(ROOT, "bench/results/profile"));
  mkdirSync(folder, { recursive: true });
  return Object.entries({ cpuprofile: cpu, heapprofile: heap }).map(([extension, profile]) => {
    const file = path.join(folder, `${scenario.name}.${extension}`);
    writeFileSync(file, JSON.stringify(profile));
    return path.relative(process.cwd(), file);
  });
}

if (import.meta.main) {
  process.exitCode = await runCommand({ name: "npm run bench:profile", help: HELP, parse: parseProfileOptions, run });
  process.exit();
}
