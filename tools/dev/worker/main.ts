// The process that serves the Workers for `npm start`: builds them, serves them, and does both again when a source of the API changes.
// Arguments: project, folder for builds, port, and the names of Workers that are built as well. The variables, and how those are
// served, come over the channel: everybody can see arguments.
import { cpSync, rmSync } from "node:fs";
import path from "node:path";

import { EVENTS_DISPATCHER, eventsWorker } from "../../events/events-worker.ts";
import { runCronTriggers } from "../../events/run-crons.ts";
import { endGroupWithParent } from "../../process/end-with-parent.ts";
import { pickRpcVariables, rpcWorker } from "../../rpc/rpc-worker.ts";
import { RECORDER, telemetryWorker } from "../../telemetry/telemetry-worker.ts";
import type { ServeRequest } from "../worker-process.ts";
import { buildCompanion } from "./build-companion.ts";
import { buildWorkerOnce } from "./build-worker-once.ts";
import { buildWorker } from "./build.ts";
import { type Companions, type ServedWorker, serveWorker, WORKER_NAME } from "./serve.ts";
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
    const [telemetry, events, rpc, built] = await Promise.all([
      companions.includes("telemetry") ? buildCompanion(root, "telemetry") : null,
      companions.includes("events") ? buildCompanion(root, "events") : null,
      companions.includes("rpc") ? buildCompanion(root, "rpc") : null,
      buildWorkerOnce(root),
    ]);
    // Of our own, for as long as we serve it.
    cpSync(built, servedDir, { recursive: true });
    const serving = await request;
    const served = await serveWorker({
      bundleDir: servedDir,
      port: Number(port),
      vars: serving.vars,
      persistDir: serving.stateDir,
      onLog: console.log,
      companions: join(toTelemetry(telemetry, serving), toEvents(events, serving), toRpc(rpc, serving)),
    });
    void served.failure.then(exitWith);
    if (events !== null) runCronTriggers(served);
    return served;
  } catch (error) {
    return exitWith(error);
  }
}

/** Built modules are null where they were not asked for. */
function toTelemetry(module: string | null, { telemetry }: ServeRequest): Companions {
  if (module === null || telemetry === null) return NONE;
  return {
    workers: [telemetryWorker({ module, token: telemetry.token, port: telemetry.port })],
    services: { TELEMETRY: RECORDER },
  };
}

function toEvents(module: string | null, { events }: ServeRequest): Companions {
  if (module === null || events === null) return NONE;
  return { workers: [eventsWorker({ module, vars: events })], services: { EVENTS: EVENTS_DISPATCHER } };
}

/** With the variables that the API has of the same name. */
function toRpc(module: string | null, { vars, rpc }: ServeRequest): Companions {
  if (module === null || rpc === undefined) return NONE;
  return { ...NONE, workers: [rpcWorker({ module, api: WORKER_NAME, port: rpc.port, vars: pickRpcVariables(vars) })] };
}

const NONE: Companions = { workers: [], services: {} };

function join(...all: readonly Companions[]): Companions {
  return {
    ...Object.assign({}, ...all),
    workers: all.flatMap(({ workers }) => workers),
    services: Object.assign({}, ...all.map(({ services }) => services)),
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
