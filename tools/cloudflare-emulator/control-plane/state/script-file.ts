import path from "node:path";

import { z } from "zod";

import type { ScriptRecord, VersionRecord } from "./records.ts";

const texts = z.record(z.string(), z.string());

const version = z.object({
  id: z.string(),
  number: z.number(),
  createdOn: z.string(),
  annotations: texts,
  mainModule: z.string(),
  modules: z.array(z.object({ name: z.string(), type: z.string(), file: z.string() })),
  bindings: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  assets: z.object({ directory: z.string(), config: z.record(z.string(), z.unknown()) }).nullable(),
  startupTimeMs: z.number(),
  migrationTag: z.string().nullable().default(null),
});

const deployment = z.object({
  id: z.string(),
  createdOn: z.string(),
  annotations: texts,
  versions: z.array(z.object({ versionId: z.string(), percentage: z.number() })),
});

const script = z.object({
  name: z.string(),
  tag: z.string(),
  createdOn: z.string(),
  deployments: z.array(deployment),
  versions: z.array(version),
  hasWorkersDev: z.boolean(),
  hasPreviewUrls: z.boolean(),
  customDomains: z.array(z.string()),
  crons: z.array(z.string()),
  objectClasses: z
    .array(z.object({ name: z.string(), namespaceId: z.string(), storage: z.enum(["sqlite", "kv"]) }))
    .default([]),
  migrationTag: z.string().nullable(),
  routes: z.array(z.string()),
  settings: z.object({
    tags: z.array(z.string()),
    observability: z.unknown().default(null),
    logpush: z.boolean(),
    tail_consumers: z.array(z.unknown()),
  }),
});

/** A script as text; its paths are relative to `folder`, so that the whole state can be moved. */
export function encodeScript(record: ScriptRecord, folder: string): string {
  const versions = record.versions.map((item) => mapPaths(item, (file) => path.relative(folder, file)));
  return JSON.stringify({ ...record, versions }, null, 1);
}

/** @throws Error when the text is no script */
export function decodeScript(text: string, folder: string): ScriptRecord {
  const record = script.parse(JSON.parse(text));
  return { ...record, versions: record.versions.map((item) => mapPaths(item, (file) => path.resolve(folder, file))) };
}

function mapPaths(item: VersionRecord, change: (file: string) => string): VersionRecord {
  const { modules, assets } = item;
  return {
    ...item,
    modules: modules.map((module) => ({ ...module, file: change(module.file) })),
    assets: assets === null ? null : { ...assets, directory: change(assets.directory) },
  };
}
