import { ASSUMED, type Input, PUBLISHED } from "../inputs.ts";
import { MEASURED } from "../measured.ts";
import { numbers, toMarkdown, words } from "../table.ts";

/** Exact, for these are the sources. */
const EXACT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

/** What others publish. */
export function publishedTable(): string {
  return toMarkdown(
    [words("what"), numbers("value"), words("unit"), words("source"), words("dated")],
    Object.values<Input>(PUBLISHED).map(({ meaning, value, unit, source, dated }) => [
      meaning,
      EXACT.format(value),
      unit,
      source,
      dated,
    ]),
  );
}

/** What nobody publishes. */
export function assumedTable(): string {
  return toMarkdown(
    [words("what"), numbers("value"), words("unit")],
    Object.values<Input>(ASSUMED).map(({ meaning, value, unit }) => [meaning, EXACT.format(value), unit]),
  );
}

/** What we have measured. */
export function measuredTable(): string {
  return toMarkdown(
    [words("what"), numbers("value"), words("unit"), words("how"), words("machine")],
    Object.values(MEASURED).map(({ meaning, value, unit, method, machine }) => [
      meaning,
      EXACT.format(value),
      unit,
      method,
      machine,
    ]),
  );
}
