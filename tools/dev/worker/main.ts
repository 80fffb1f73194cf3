// The process that serves the Worker for `npm start`: builds it, serves it, and does both again when a source changes.
// Arguments: project, folder for builds, port, and whether telemetry is built as well. The variables, and how telemetry is
// served, come over the channel: everybody can see arguments.
import { rmSync } from "node:fs";
import path from "node:path";

import { endGroupWithParent } from "../../process/end-with-parent.ts";
import { buildTelemetry } from "../../telemetry/build-telemetry.ts";
import { RECORDER, telemetryWorker } from "../../telemetry/telemetry-worker.ts";
import type { ServeRequest } from "../worker-process.ts";
import { buildWorker } from "./build.ts";
import { type Companions, type ServedWorker, serveWorker } from "./serve.ts";
import { watchSources } from "./watch.ts";

const [root = "", workDir = "", port = "", withTelemetry] = process.argv.slice(2);
let builds = 0;
let servedDir = path.join(workDir, "0");

endGroupWithParent();
const request = new Promise<ServeRequest>((resolve) => process.once("message", resolve));
const worker = start();
watchSources(root, async () => rebuild(await worker));

async function start(): Promise<ServedWorker> {
  try {
    rmSync(workDir, { recursive: true, force: true });
    const [module] = await Promise.all([withTelemetry === undefined ? null : buildTelemetry(root), build(servedDir)]);
    const { vars, stateDir, telemetry } = await request;
    const served = await serveWorker({
      bundleDir: servedDir,
      port: Number(port),
      vars,
      persistDir: stateDir,
      onLog: console.log,
      ...(module === null || telemetry === null ? {} : { companions: toCompanions(module, telemetry) }),
    });
    void served.failure.then(exitWith);
    return served;
  } catch (error) {
    return exitWith(error);
  }
}

function toCompanions(module: string, telemetry: NonNullable<ServeRequest["telemetry"]>): Companions {
  return {
    workers: [telemetryWorker({ module, token: telemetry.token, port: telemetry.port })],
    services: { TELEMETRY: RECORDER },
  };
}

async function rebuild(served: ServedWorker): Promise<void> {
  const startedAt = performance.now();
  const nextDir = path.join(workDir, String(++builds));
  let oldDir = nextDir;
  try {
    await build(nextDir);
    await served.reload(nextDir);
    oldDir = servedDir;
    servedDir = nextDir;
    console.log(`Rebuilt in ${(performance.now() - startedAt).toFixed(0)} ms`);
  } catch (error) {
    console.error(`${describe(error)}\nThe version before this change keeps serving.`);
  }
  rmSync(oldDir, { recursive: true, force: true });
}

async function build(outDir: string): Promise<void> {
  const warnings = await buildWorker({ root, outDir });
  if (warnings !== "") console.warn(warnings);
}

function exitWith(error: unknown): never {
  console.error(describe(error));
  process.exit(1);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
