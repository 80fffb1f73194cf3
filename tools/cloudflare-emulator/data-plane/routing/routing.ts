import { createHash } from "node:crypto";

import type { Script, Version, VersionShare } from "../../model.ts";
import { parseStringMembers } from "./overrides.ts";

/** Request headers that decide about the version; in the spelling of Node, lowercase. */
export const OVERRIDES_HEADER = "cloudflare-workers-version-overrides";
export const KEY_HEADER = "cloudflare-workers-version-key";

/** What of a request decides about the version that answers it. */
export interface RoutingHints {
  /** Value of the override header; null without one. */
  readonly overrides: string | null;
  /** Value of the affinity header; null without one. */
  readonly key: string | null;
}

/** Where a host leads: to the live deployment of a script, or, when `version` is set, to one version of it. */
export interface HostTarget {
  readonly scriptName: string;
  readonly version: Version | null;
}

/**
 * Picks one version of the live deployment: the one that the override names, else the one of the key's place, else one
 * by percentage. `draw` gives a number from [0, 1) and is asked in the last case only.
 */
export function chooseVersion(
  scriptName: string,
  shares: readonly VersionShare[],
  { overrides, key }: RoutingHints,
  draw: () => number,
): string | null {
  const named = overrides === null ? undefined : parseStringMembers(overrides)?.get(scriptName);
  // Whatever cannot be applied is ignored without a word, as on Cloudflare: callers must check the version in the answer.
  if (named !== undefined && shares.some(({ versionId }) => versionId === named)) return named;
  return versionAt(shares, key === null || key === "" ? draw() * 100 : keyPoint(scriptName, key));
}

/** The place of a key in [0, 100), the same for every deployment of the script. */
export function keyPoint(scriptName: string, key: string): number {
  const digest = createHash("sha256").update(scriptName).update("\0").update(key).digest();
  return (digest.readUIntBE(0, 6) / 2 ** 48) * 100;
}

/** Walks in the listed order: while the share of the first version grows, no point moves away from it. */
function versionAt(shares: readonly VersionShare[], point: number): string | null {
  let end = 0;
  for (const { versionId, percentage } of shares) {
    end += percentage;
    if (point < end) return versionId;
  }
  return shares.findLast(({ percentage }) => percentage > 0)?.versionId ?? null;
}

/** What hosts are resolved against. */
export interface HostTable {
  /** The scripts as they are served, by name. */
  readonly scripts: ReadonlyMap<string, Script>;
  /** All versions of a script that were uploaded, the newest last. */
  readonly versionsOf: (scriptName: string) => readonly Version[];
  /** Of `workers.dev`. */
  readonly subdomain: string;
}

/** Finds what a Host header leads to, whatever its port and case; null when nothing is there. */
export function findTarget(host: string, table: HostTable): HostTarget | null {
  const name = host.toLowerCase().replace(/\.?(?::\d*)?$/, "");
  const suffix = `.${table.subdomain}.workers.dev`;
  if (name.endsWith(suffix)) return findByLabel(name.slice(0, -suffix.length), table);
  for (const script of table.scripts.values()) {
    if (script.customDomains.includes(name)) return { scriptName: script.name, version: null };
  }
  return null;
}

function findByLabel(label: string, { scripts, versionsOf }: HostTable): HostTarget | null {
  if (scripts.get(label)?.hasWorkersDev === true) return { scriptName: label, version: null };
  for (const { name, hasPreviewUrls } of scripts.values()) {
    if (!hasPreviewUrls || !label.endsWith(`-${name}`)) continue;
    const version = findVersion(versionsOf(name), label.slice(0, -name.length - 1));
    if (version !== null) return { scriptName: name, version };
  }
  return null;
}

function findVersion(versions: readonly Version[], prefix: string): Version | null {
  const byId = /^[0-9a-f]{8}$/.test(prefix) ? versions.find(({ id }) => id.startsWith(prefix)) : undefined;
  // An alias moves along with the newest version that claims it.
  return byId ?? versions.findLast(({ annotations }) => annotations["workers/alias"] === prefix) ?? null;
}
