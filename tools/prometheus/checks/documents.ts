import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../../workerd/wrangler-packages.ts";
import { query } from "../monitoring/query.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";

/** Every query that the documents tell to type. */
export function findQueries(documents: readonly string[]): string[] {
  return documents.flatMap((text) => [
    ...Array.from(
      text.matchAll(/^promtool query (?:instant|range) .*"\$PROMETHEUS" '([^']+)'$/gm),
      ([, found = ""]) => found,
    ),
    ...Array.from(text.matchAll(/^```promql\n([^`]+)\n```$/gm), ([, block = ""]) => block.split("\n")).flat(),
  ]);
}

const DOCUMENTS = ["docs/runbooks.md", "docs/observability.md"];

/** Asks each of them. @throws Error at the first that Prometheus does not understand */
export async function askAll(monitoring: Monitoring): Promise<number> {
  const queries = findQueries(DOCUMENTS.map((file) => readFileSync(path.join(ROOT, file), "utf8")));
  if (queries.length === 0) throw new Error("the documents hold no query");
  for (const text of queries) await query(monitoring, text);
  return queries.length;
}
