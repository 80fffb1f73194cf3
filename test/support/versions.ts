import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Binding, Deployment, Script, Version, VersionAssets } from "../../tools/cloudflare-emulator/model.ts";

/** What a version is made of, beside defaults. */
export interface VersionParts {
  readonly bindings?: readonly Binding[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly assets?: VersionAssets | null;
  /** Contents and media types of further modules by name. */
  readonly modules?: Readonly<Record<string, { readonly type: string; readonly contents: string | Uint8Array }>>;
}

/** Makes uploaded versions of one script, as the control plane keeps them. */
export interface VersionMaker {
  /** A folder for whatever belongs to the versions; gone after `dispose`. */
  readonly folder: string;
  /** `source` is its main module. */
  version(source: string, parts?: VersionParts): Version;
  dispose(): void;
}

export function makeVersions(): VersionMaker {
  const folder = mkdtempSync(path.join(tmpdir(), "versions-"));
  let number = 0;
  return {
    folder,
    version(source, { bindings = [], annotations = {}, assets = null, modules = {} } = {}) {
      const own = path.join(folder, String(++number));
      mkdirSync(own);
      const contents = { "index.js": { type: "application/javascript+module", contents: source }, ...modules };
      return {
        id: idOf(number),
        number,
        createdOn: "2026-11-20T08:00:00.000Z",
        annotations,
        mainModule: "index.js",
        modules: Object.entries(contents).map(([name, module]) => {
          const file = path.join(own, name);
          writeFileSync(file, module.contents);
          return { name, type: module.type, file };
        }),
        bindings,
        compatibilityDate: "2026-08-15",
        compatibilityFlags: [],
        assets,
      };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `00000001-…` for the first version and so on. */
function idOf(number: number): string {
  return `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

/** A script whose live deployment is split as told, in this order. */
export function makeScript(
  name: string,
  shares: readonly (readonly [Version, number])[],
  parts: Partial<Script> = {},
): Script {
  const deployment: Deployment = {
    id: "deployment",
    createdOn: "2026-11-20T08:00:00.000Z",
    annotations: {},
    versions: shares.map(([{ id }, percentage]) => ({ versionId: id, percentage })),
  };
  return {
    name,
    deployments: shares.length === 0 ? [] : [deployment],
    versions: shares.map(([version]) => version),
    hasWorkersDev: true,
    hasPreviewUrls: true,
    customDomains: [],
    crons: [],
    objectClasses: [],
    ...parts,
  };
}
