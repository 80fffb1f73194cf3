import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import type { Binding, ScriptModule, VersionAssets } from "../../model.ts";
import { StartupError } from "../../model.ts";
import type { Context } from "../context.ts";
import { mergeBindings } from "../rules/bindings.ts";
import { checkNamespaces } from "../rules/namespaces.ts";
import { resolveObjects } from "../rules/object-classes.ts";
import { checkQueues } from "../rules/queues.ts";
import { checkServices } from "../rules/services.ts";
import type { ScriptRecord, VersionRecord } from "../state/records.ts";
import { newestVersion } from "../state/records.ts";
import { invalidScript, SOURCE_MAP, type Upload } from "./upload-form.ts";

/** Annotations as they come: a member without a value is left out. */
type LooseAnnotations = Readonly<Record<string, string | undefined>>;

/** A script with one version more, which is not saved yet. */
export interface Grown {
  readonly script: ScriptRecord;
  readonly version: VersionRecord;
}

/**
 * Makes a version of an upload and starts it. Nothing remains of one that is refused.
 * @throws ApiError 10021 when it does not start, 10057, 10061, 10143, 10411 or 10412 when a binding leads nowhere
 */
export async function growByUpload(
  context: Context,
  script: ScriptRecord,
  { upload, triggeredBy }: { upload: Upload; triggeredBy: string },
): Promise<Grown> {
  const { metadata, mainModule } = upload;
  const previous = newestVersion(script);
  const merged = mergeBindings({
    uploaded: metadata.bindings,
    previous: previous?.bindings ?? [],
    keepTypes: metadata.keep_bindings,
  });
  const bindings = resolveBindings(context, script, merged);
  const id = context.newId();
  const folder = context.store.versionFolder(script.name, id);
  try {
    const draft = {
      id,
      number: (previous?.number ?? 0) + 1,
      createdOn: context.now().toISOString(),
      annotations: readAnnotations({ ...metadata.annotations, "workers/triggered_by": triggeredBy }),
      mainModule,
      modules: await writeModules(upload, path.join(folder, "modules")),
      bindings,
      compatibilityDate: metadata.compatibility_date,
      compatibilityFlags: metadata.compatibility_flags,
      assets: await writeAssets(context, { upload, script, folder: path.join(folder, "assets") }),
    };
    return await start(context, script, draft);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes a version that differs from the newest one in its bindings only.
 * @throws ApiError 10021 when it does not start, 10061, 10143, 10411 or 10412 when a binding leads nowhere
 */
export async function growByBindings(
  context: Context,
  script: ScriptRecord,
  change: { base: VersionRecord; bindings: readonly Binding[]; annotations: LooseAnnotations },
): Promise<Grown> {
  const { base, annotations } = change;
  const bindings = resolveBindings(context, script, change.bindings);
  return await start(context, script, {
    ...base,
    id: context.newId(),
    number: base.number + 1,
    createdOn: context.now().toISOString(),
    annotations: readAnnotations(annotations),
    bindings,
  });
}

function resolveBindings(
  { store, kv, queues }: Context,
  script: ScriptRecord,
  bindings: readonly Binding[],
): readonly Binding[] {
  checkServices(bindings, script.name, store);
  checkNamespaces(bindings, kv);
  checkQueues(bindings, queues);
  return resolveObjects(bindings, script, store);
}

export function readAnnotations(annotations: LooseAnnotations): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
  );
}

async function start(
  { dataPlane }: Context,
  script: ScriptRecord,
  unfinished: Omit<VersionRecord, "startupTimeMs" | "migrationTag">,
): Promise<Grown> {
  const draft = { ...unfinished, migrationTag: script.migrationTag };
  const unproven = { ...draft, startupTimeMs: 0 };
  const startupTimeMs = await whileStarting(() =>
    dataPlane.tryStart({ ...script, versions: [...script.versions, unproven] }, unproven),
  );
  const version = { ...draft, startupTimeMs: Math.round(startupTimeMs) };
  return { script: { ...script, versions: [...script.versions, version] }, version };
}

/** Gives a version's failure to start the code that Cloudflare gives it. */
export async function whileStarting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StartupError ? invalidScript(error.message) : error;
  }
}

async function writeModules({ modules }: Upload, folder: string): Promise<readonly ScriptModule[]> {
  const written = modules.map((module) => ({ ...module, file: path.join(folder, module.name) }));
  for (const { file, bytes } of written) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return written.filter(({ type }) => type !== SOURCE_MAP).map(({ name, type, file }) => ({ name, type, file }));
}

async function writeAssets(
  { assets: store }: Context,
  { upload, script, folder }: { upload: Upload; script: ScriptRecord; folder: string },
): Promise<VersionAssets | null> {
  const { assets, keep_assets: isKept } = upload.metadata;
  const kept = isKept ? (newestVersion(script)?.assets ?? null) : null;
  if (assets?.jwt === undefined)
    return kept === null ? null : { ...kept, config: { ...kept.config, ...assets?.config } };
  await store.materialize(assets.jwt, script.name, folder);
  return { directory: folder, config: assets.config };
}
