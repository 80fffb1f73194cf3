import { z } from "zod";

const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()) });

/**
 * The file that `npm run NAME` starts on Node, relative to the project.
 * @param manifest text of its package.json
 */
export function fileOfScript(manifest: string, name: string): string {
  const { scripts } = manifestSchema.parse(JSON.parse(manifest));
  const file = /^node tools\/run\.mjs (\S+\.ts)$/.exec(scripts[name] ?? "")?.[1];
  if (file === undefined)
    throw new Error(`package.json has no script ${name} that runs one file through tools/run.mjs`);
  return file;
}
