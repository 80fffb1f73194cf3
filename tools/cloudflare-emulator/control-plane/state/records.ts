import type { Script, Version } from "../../model.ts";

/** A script with what only the control plane needs to know of it. */
export interface ScriptRecord extends Script {
  readonly versions: readonly VersionRecord[];
  /** The Worker's own id, 32 hex digits; a Worker of the same name that is made later has another one. */
  readonly tag: string;
  /** RFC 3339. */
  readonly createdOn: string;
  /** Of the last Durable Object migration, or null. */
  readonly migrationTag: string | null;
  /** Patterns of plain routes, as `api.example.com/*`. */
  readonly routes: readonly string[];
  readonly settings: ScriptSettings;
}

export interface VersionRecord extends Version {
  readonly startupTimeMs: number;
  /** Of the script when it was uploaded. */
  readonly migrationTag: string | null;
}

/** What is neither versioned nor a trigger. */
export interface ScriptSettings {
  readonly tags: readonly string[];
  readonly observability: unknown;
  readonly logpush: boolean;
  readonly tail_consumers: readonly unknown[];
}

const NO_SETTINGS: ScriptSettings = { tags: [], observability: { enabled: false }, logpush: false, tail_consumers: [] };

/** A script before its first version. */
export function newScript({ name, tag, createdOn }: Pick<ScriptRecord, "name" | "tag" | "createdOn">): ScriptRecord {
  return {
    name,
    tag,
    createdOn,
    deployments: [],
    versions: [],
    hasWorkersDev: false,
    hasPreviewUrls: false,
    customDomains: [],
    crons: [],
    objectClasses: [],
    migrationTag: null,
    routes: [],
    settings: NO_SETTINGS,
  };
}

/** The version that was uploaded last, deployed or not; null when there is none. */
export function newestVersion(script: ScriptRecord): VersionRecord | null {
  return script.versions.at(-1) ?? null;
}

/** A version whose code has Durable Objects of its own gets no URL. */
export function hasOwnDurableObjects({ bindings }: Pick<Version, "bindings">): boolean {
  return bindings.some(
    (binding) => binding.type === "durable_object_namespace" && binding["script_name"] === undefined,
  );
}
