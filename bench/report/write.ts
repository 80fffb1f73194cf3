import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../../tools/workerd/wrangler-packages.ts";

/** What a measurement leaves behind. */
export interface Report {
  readonly document: unknown;
  readonly svg: string;
  readonly markdown: string;
}

export interface Destination {
  /** JSON alone, to this file; null for all three. */
  readonly jsonFile: string | null;
  /** Name of the files in `bench/results`; null for the scratch folder. */
  readonly saveAs: string | null;
  /** Name of the files there. */
  readonly scratchName: string;
}

/** Writes a report; gives the names of the files, relative to the project. */
export function writeReport(
  { document, svg, markdown }: Report,
  { jsonFile, saveAs, scratchName }: Destination,
): string[] {
  const json = `${JSON.stringify(document, null, 2)}\n`;
  if (jsonFile !== null) return [write(path.resolve(jsonFile), json)];
  const base = saveAs === null ? path.join(ROOT, "dist/bench", scratchName) : path.join(ROOT, "bench/results", saveAs);
  return [write(`${base}.json`, json), write(`${base}.svg`, svg), write(`${base}.md`, markdown)];
}

function write(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return path.relative(process.cwd(), file);
}
