import { rmSync } from "node:fs";
import path from "node:path";

import type { DataPlaneFaults, Script, Version } from "../model.ts";
import { createTraces, type Traces } from "./companion/traces.ts";
import { createObjectHosts, type ObjectHosts } from "./objects/object-hosts.ts";
import { createDispatch, type Dispatch } from "./routing/dispatch.ts";
import { createKnownVersions, type KnownVersions } from "./routing/known-versions.ts";
import { createPublications, liveShares, type Publications } from "./routing/publications.ts";
import { startRuntime } from "./runtime/runtime.ts";
import { createLifecycle, type Lifecycle } from "./versions/lifecycle.ts";
import { createProcessTable, type ProcessTable } from "./versions/process-table.ts";
import { startVersionProcess } from "./versions/version-process.ts";

export interface EngineOptions {
  readonly subdomain: string;
  readonly log: (line: string) => void;
  readonly warmVersions: number;
  readonly drainTimeoutMs: number;
  /** Draws from [0, 1). */
  readonly draw: () => number;
  readonly faults: () => DataPlaneFaults;
  /** `host:port` of the services for companions; asked when a version starts. */
  readonly companionAddress: () => string;
  /** Keeps what has to outlive the processes, and what they leave there while they run. */
  readonly stateDir: string;
}

const OBJECTS_FOLDER = "objects";
const REGISTRIES_FOLDER = "registries";

/** The parts that run versions and choose between them; what listens to the outside is put around it. */
export interface Engine {
  readonly known: KnownVersions;
  readonly processes: ProcessTable;
  readonly publications: Publications;
  readonly lifecycle: Lifecycle;
  readonly traces: Traces;
  readonly dispatch: Dispatch;
  readonly objects: ObjectHosts;
}

export function createEngine(options: EngineOptions): Engine {
  const { subdomain, log, draw, faults } = options;
  const logVersion = (scriptName: string, versionId: string, line: string): void =>
    log(`${scriptName} ${versionId.slice(0, 8)} ${line}`);
  const registries = path.join(options.stateDir, REGISTRIES_FOLDER);
  // Of processes that a crash has ended.
  rmSync(registries, { recursive: true, force: true });
  const known = createKnownVersions();
  const traces = createTraces((scriptName) => {
    for (const process of processes.processesOf(scriptName)) void process.updateTracing();
  });
  const processes = createProcessTable({
    log: logVersion,
    start: (scriptName, version, onEnd) =>
      startVersionProcess({
        scriptName,
        version,
        dataPlaneAddress: options.companionAddress(),
        registries,
        isTraced: () => traces.isListenedTo(scriptName),
        log: (line) => logVersion(scriptName, version.id, line),
        onEnd,
      }),
  });
  const publications = createPublications({
    delayMs: () => faults().propagationMs,
    onSwitch(script) {
      log(`${script.name} serves ${describeShares(script)}`);
      lifecycle.sweep(script.name);
      objects.follow(script);
    },
  });
  const lifecycle = createLifecycle({
    processes,
    warmVersions: options.warmVersions,
    drainTimeoutMs: options.drainTimeoutMs,
    neededVersions: publications.neededVersions,
    log: logVersion,
  });
  const dispatch = createDispatch({
    hosts: { scripts: publications.served, versionsOf: known.of, subdomain },
    processes,
    lifecycle,
    ignoresOverrides: () => faults().ignoreOverrides,
    draw,
  });
  const objects = createObjects(options, { registries, logVersion });
  return { known, processes, publications, lifecycle, traces, dispatch, objects };
}

interface ObjectParts {
  readonly registries: string;
  readonly logVersion: (scriptName: string, versionId: string, line: string) => void;
}

function createObjects(
  { stateDir, log, companionAddress }: EngineOptions,
  { registries, logVersion }: ObjectParts,
): ObjectHosts {
  return createObjectHosts({
    folder: path.join(stateDir, OBJECTS_FOLDER),
    log: (scriptName, line) => log(`${scriptName} ${line}`),
    start:
      ({ name: scriptName }, version, hosting) =>
      (onEnd) =>
        startRuntime({
          scriptName,
          version,
          hosting,
          registries,
          dataPlaneAddress: companionAddress(),
          onLog: (message) => logVersion(scriptName, version.id, `objects | ${message}`),
          onRestart: () => undefined,
          onEnd,
        }),
  });
}

/** Starts what the live deployment of a script needs. */
export async function startLiveVersions({ processes }: Engine, script: Script): Promise<void> {
  await Promise.all(
    liveShares(script).map(({ versionId }) => processes.ensure(script.name, findVersion(script, versionId))),
  );
}

function findVersion(script: Script, versionId: string): Version {
  const version = script.versions.find(({ id }) => id === versionId);
  if (version === undefined) throw new Error(`${script.name} deploys version ${versionId}, which it does not have`);
  return version;
}

function describeShares(script: Script): string {
  const shares = liveShares(script).map(({ versionId, percentage }) => `${versionId.slice(0, 8)} ${percentage} %`);
  return shares.join(", ") || "nothing";
}
