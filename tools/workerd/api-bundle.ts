import { readFileSync } from "node:fs";
import path from "node:path";

import { BUNDLE, type BuildOptions, buildWorker } from "../dev/worker/build.ts";
import type { Binding, WorkerDefinition } from "./workerd-config.ts";
import { ROOT } from "./wrangler-packages.ts";

/** The API as a release uploads it. */
export interface ApiBundle {
  readonly script: string;
  /** What `wrangler.toml` says of production; variables and secrets of this machine are not in it. */
  readonly worker: WorkerDefinition;
  /** What the API calls itself in `X-Version-Id`. */
  readonly versionId: string;
}

/** The part of wrangler's translation of `wrangler.toml` that plain workerd has a counterpart for. */
interface BuiltOptions {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: Readonly<Record<string, string>>;
  readonly versionMetadata: string;
  readonly ratelimits: Readonly<Record<string, unknown>>;
  readonly assets: { readonly binding: string };
}

const VERSION_ID = "00000000-0000-4000-8000-0000000000be";

/** Builds the API's bundle with the pinned wrangler, as a release does. */
export async function buildApi(folder: string, options: Pick<BuildOptions, "isMinified"> = {}): Promise<ApiBundle> {
  await buildWorker({ root: ROOT, env: "production", outDir: folder, ...options });
  return readApi(folder);
}

/** The API that was built into a folder. */
function readApi(folder: string): ApiBundle {
  const options: BuiltOptions = JSON.parse(readFileSync(path.join(folder, BUNDLE.options), "utf8"));
  return {
    script: path.join(folder, BUNDLE.script),
    versionId: VERSION_ID,
    worker: {
      compatibilityDate: options.compatibilityDate,
      compatibilityFlags: options.compatibilityFlags,
      bindings: toBindings(options, folder),
    },
  };
}

function toBindings({ bindings, versionMetadata, ratelimits, assets }: BuiltOptions, folder: string): Binding[] {
  const metadata = { id: VERSION_ID, tag: "local", timestamp: "2024-01-01T00:00:00.000Z" };
  return [
    ...Object.entries(bindings).map(([name, value]): Binding => ({ kind: "text", name, value })),
    ...Object.keys(ratelimits).map((name): Binding => ({ kind: "limiter", name })),
    { kind: "json", name: versionMetadata, value: metadata },
    { kind: "files", name: assets.binding, folder: path.join(folder, BUNDLE.assets) },
  ];
}
