import type { IncomingHttpHeaders } from "node:http";

import type { Script } from "../../model.ts";
import type { Refusal } from "../edge/refusal.ts";
import type { Lifecycle } from "../versions/lifecycle.ts";
import type { ProcessTable } from "../versions/process-table.ts";
import type { VersionProcess } from "../versions/version-process.ts";
import { liveShares } from "./publications.ts";
import { chooseVersion, findTarget, type HostTable, type HostTarget, KEY_HEADER, OVERRIDES_HEADER } from "./routing.ts";

export interface DispatchOptions {
  readonly hosts: HostTable;
  readonly processes: ProcessTable;
  readonly lifecycle: Lifecycle;
  readonly ignoresOverrides: () => boolean;
  /** Draws from [0, 1). */
  readonly draw: () => number;
}

/** A process that will not end before `end` was called. */
export interface Lease {
  readonly process: VersionProcess;
  /** Call it once, when the event is over. */
  end(): void;
}

/** Picks the process for an event, in one step with its registration: in between, the process could end. */
export interface Dispatch {
  byHost(headers: IncomingHttpHeaders): Promise<Lease | Refusal>;
  toScript(scriptName: string, headers: IncomingHttpHeaders): Promise<Lease | Refusal>;
}

export function isLease(result: Lease | Refusal): result is Lease {
  return "process" in result;
}

export function createDispatch({ hosts, processes, lifecycle, ignoresOverrides, draw }: DispatchOptions): Dispatch {
  const lease = (process: VersionProcess): Lease => {
    const finish = process.begin();
    return {
      process,
      end() {
        finish();
        lifecycle.onEventOver(process);
      },
    };
  };

  const pickVersion = (script: Script, headers: IncomingHttpHeaders): string | null => {
    const overrides = ignoresOverrides() ? null : readHeader(headers, OVERRIDES_HEADER);
    return chooseVersion(script.name, liveShares(script), { overrides, key: readHeader(headers, KEY_HEADER) }, draw);
  };

  const dispatch = async (target: HostTarget, headers: IncomingHttpHeaders): Promise<Lease | Refusal> => {
    const { scriptName } = target;
    const script = hosts.scripts.get(scriptName);
    if (script === undefined) return notFound(`There is no Worker named ${scriptName}`);
    const versionId = target.version?.id ?? pickVersion(script, headers);
    if (versionId === null) return notFound(`The Worker ${scriptName} has no deployment`);
    if (target.version !== null) lifecycle.visit(scriptName, versionId);
    const process = processes.find(versionId);
    if (process !== null) return lease(process);
    // It is called by its own URL, or its process ended unexpectedly.
    const version = hosts.versionsOf(scriptName).find(({ id }) => id === versionId);
    if (version === undefined) return notFound(`The Worker ${scriptName} has no version ${versionId}`);
    try {
      return lease(await processes.ensure(scriptName, version));
    } catch (error) {
      return { status: 500, message: `Version ${versionId} does not start: ${String(error)}` };
    }
  };

  return {
    async byHost(headers) {
      const { host = "" } = headers;
      const target = findTarget(host, hosts);
      return target === null ? notFound(`There is no Worker at ${host}`) : await dispatch(target, headers);
    },
    toScript: (scriptName, headers) => dispatch({ scriptName, version: null }, headers),
  };
}

function notFound(message: string): Refusal {
  return { status: 404, message };
}

/** Node joins the lines of a header of ours by commas, as RFC 9651 demands. */
function readHeader(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}
