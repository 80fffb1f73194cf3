import { buildOnce } from "./build-cache.ts";
import { buildWorker } from "./build.ts";

/** All that a build depends on. */
const SOURCES = [
  "{src,tools/assets,tools/dev/worker}/**/*.*",
  "{LICENSE,wrangler.toml,package-lock.json,tsconfig*.json,docs/openapi.json,migrations/meta/_journal.json}",
];

/**
 * The built API of an environment of `wrangler.toml`: one that was made before, as long as it is the same.
 * @throws when wrangler refuses, with its message
 */
export async function buildWorkerOnce(root: string, env?: string): Promise<string> {
  const build = async (outDir: string): Promise<void> => {
    const warnings = await buildWorker({ root, env, outDir });
    if (warnings !== "") console.warn(warnings);
  };
  return await buildOnce({ root, name: env ?? "development", sources: SOURCES, build });
}
