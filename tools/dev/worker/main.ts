// The process that serves the Workers for `npm start`: builds them, serves them, and does both again when a source of the API changes.
// Arguments: project, folder for builds, port, and the names of Workers that are built as well. The variables, and how telemetry is
// served, come over the channel: everybody can see arguments.
import { rmSync } from "node:fs";
import path from "node:path";

import { buildEvents } from "../../events/build-events.ts";
import { EVENTS_DISPATCHER, eventsWorker } from "../../events/events-worker.ts";
import { runCronTriggers } from "../../events/run-crons.ts";
import { endGroupWithParent } from "../../process/end-with-parent.ts";
import { buildTelemetry } from "../../telemetry/build-telemetry.ts";
import { RECORDER, telemetryWorker } from "../../telemetry/telemetry-worker.ts";
import type { ServeRequest } from "../worker-process.ts";
import { buildWorker } from "./build.ts";
import { type Companions, type ServedWorker, serveWorker } from "./serve.ts";
import { watchSources } from "./watch.ts";

const [root = "", workDir = "", port = "", ...companions] = process.argv.slice(2);
let builds = 0;
let servedDir = path.join(workDir, "0");

endGroupWithParent();
const request = new Promise<ServeRequest>((resolve) => process.once("message", resolve));
const worker = start();
watchSources(root, async () => rebuild(await worker));

async function start(): Promise<ServedWorker> {
  try {
    rmSync(workDir, { recursive: true, force: true });
    const [telemetry, events] = await Promise.all([
      companions.includes("telemetry") ? buildTelemetry(root) : null,
      companions.includes("events") ? buildEvents(root) : null,
      build(servedDir),
    ]);
    const { vars, ...given } = await request;
    const served = await serveWorker({
      bundleDir: servedDir,
      port: Number(port),
      vars,
      onLog: console.log,
      companions: toCompanions({ telemetry, events }, given),
    });
    void served.failure.then(exitWith);
    if (events !== null) runCronTriggers(served);
    return served;
  } catch (error) {
    return exitWith(error);
  }
}

/** Each Worker's one module; null where it is not served. */
interface Modules {
  readonly telemetry: string | null;
  readonly events: string | null;
}

function toCompanions(modules: Modules, { telemetry, events }: Omit<ServeRequest, "vars">): Companions {
  const isCounting = modules.telemetry !== null && telemetry !== null;
  const isSending = modules.events !== null && events !== null;
  return {
    workers: [
      ...(isSending ? [eventsWorker({ module: modules.events, vars: events })] : []),
      ...(isCounting ? [telemetryWorker({ ...telemetry, module: modules.telemetry })] : []),
    ],
    services: { ...(isSending ? { EVENTS: EVENTS_DISPATCHER } : {}), ...(isCounting ? { TELEMETRY: RECORDER } : {}) },
    ...(isCounting ? { persistDir: telemetry.objects } : {}),
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
