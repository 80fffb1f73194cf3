import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every rule that axe runs unless told otherwise, best practices among them, and the one of WCAG 2.2 that it leaves out. */
const OPTIONS = JSON.stringify({
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations", "incomplete"],
});

/**
 * What axe finds wrong with a page as it stands, a line for each place. What axe cannot decide is on the list as well: a
 * page that it can judge throughout is easy enough to have.
 */
export async function findBarriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(SOURCE);
  const { violations, incomplete, passes } = await page.evaluate<AxeResults>(`axe.run(document, ${OPTIONS})`);
  // A page that could not be read would have no faults either.
  if (passes.length === 0) throw new Error("axe has found nothing to look at");
  return [
    ...violations.flatMap((rule) => linesOf("fault", rule)),
    ...incomplete.flatMap((rule) => linesOf("undecided", rule)),
  ];
}

function linesOf(kind: string, { id, nodes }: AxeResults["violations"][number]): string[] {
  return nodes.map(({ target, failureSummary = "" }) => `${kind} ${id} at ${target.join(" ")}: ${failureSummary}`);
}
