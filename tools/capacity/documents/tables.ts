import { describeDefaults } from "./defaults.ts";
import { assumedTable, measuredTable, publishedTable } from "./input-tables.ts";
import { costTable, ladderTable, stepLimitTable, stepTable } from "./ladder-tables.ts";
import { cacheTable, endpointTable, holdTable, keyTable, logTable } from "./question-tables.ts";
import { rateNotes } from "./rate-notes.ts";

/** All that docs/scaling.md takes from the model, by the name of its block. */
export function renderTables(): Readonly<Record<string, string>> {
  return {
    defaults: describeDefaults(),
    ladder: ladderTable(),
    ...rateNotes(),
    steps: stepTable(),
    costs: costTable(),
    "step-limits": stepLimitTable(),
    endpoint: endpointTable(),
    hold: holdTable(),
    cache: cacheTable(),
    logs: logTable(),
    keys: keyTable(),
    measured: measuredTable(),
    published: publishedTable(),
    assumed: assumedTable(),
  };
}
