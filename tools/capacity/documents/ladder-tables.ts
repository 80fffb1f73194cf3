import { costsOf, totalOf } from "../cost.ts";
import { formatDollars, formatNumber, formatRate } from "../format.ts";
import { MONTH_SECONDS } from "../inputs.ts";
import { recommend, scenarioAt, STEPS } from "../ladder.ts";
import { firstLimitOf, limitsOf } from "../limits/index.ts";
import { DEFAULT_SETUP, DEFAULT_WORKLOAD, type Scenario } from "../scenario.ts";
import { numbers, toMarkdown, words } from "../table.ts";

/** From a first user to a large service, world-wide. */
export const RATES = [1, 10, 100, 1_000, 10_000, 100_000];

/** Enough for a table that shows how few large callers meet their limit first. */
const CALLERS = 1_000;

/** The default scenario at a rate, with these differences. */
export function scenarioFor(requestsPerSecond: number, changes: Partial<Scenario> = {}): Scenario {
  return { ...DEFAULT_WORKLOAD, ...DEFAULT_SETUP, requestsPerSecond, ...changes };
}

/** For each rate: the step that carries it, why the one before does not, and what it costs. */
export function ladderTable(): string {
  const rows = RATES.map((rate) => {
    const { step, scenario, firstLimit } = recommend(scenarioFor(rate));
    const before = STEPS[STEPS.indexOf(step) - 1];
    const outgrown = before === undefined ? null : firstLimitOf(scenarioAt(before.name, scenarioFor(rate)));
    const total = totalOf(costsOf(scenario));
    return [
      formatNumber(rate),
      step.name,
      before === undefined || outgrown === null
        ? "–"
        : `${before.name}: ${outgrown.name} at ${formatRate(outgrown.bindsAt)}`,
      `${firstLimit.name} at ${formatRate(firstLimit.bindsAt)}`,
      formatDollars(total),
      formatDollars((total * 1e6) / (rate * MONTH_SECONDS)),
    ];
  });
  return toMarkdown(
    [
      numbers("requests per second"),
      words("step"),
      words("the step before ends with"),
      words("comes first now"),
      numbers("USD a month"),
      numbers("USD per million requests"),
    ],
    rows,
  );
}

/** What each step turns on, and what for. */
export function stepTable(): string {
  const rows = STEPS.map((step) => {
    const first = firstLimitOf(scenarioAt(step.name, scenarioFor(1_000)));
    return [step.name, step.turnOn, step.price, `${first.name} at ${formatRate(first.bindsAt)}`];
  });
  return toMarkdown([words("step"), words("turns on"), words("price"), words("first limit")], rows);
}

/** Where the money goes, line by line, at each rate. */
export function costTable(): string {
  const months = RATES.map((rate) => costsOf(recommend(scenarioFor(rate)).scenario));
  const names = [...new Set(months.flatMap((costs) => costs.map(({ name }) => name)))];
  const rows = names.map((name) => [
    name,
    ...months.map((costs) => formatDollars(costs.find((line) => line.name === name)?.usd ?? 0)),
  ]);
  const totals = ["total", ...months.map((costs) => formatDollars(totalOf(costs)))];
  return toMarkdown(
    [words("USD a month, at requests per second"), ...RATES.map((rate) => numbers(formatNumber(rate)))],
    [...rows, totals],
  );
}

/** At which rate each limit comes, step by step. */
export function stepLimitTable(): string {
  const base = scenarioFor(1_000, { callers: CALLERS });
  const limits = STEPS.map((step) => limitsOf(scenarioAt(step.name, base)));
  const names = [...new Set(limits.flatMap((list) => list.map(({ name }) => name)))];
  const rows = names.map((name) => [
    name,
    ...limits.map((list) => {
      const limit = list.find((candidate) => candidate.name === name);
      return limit === undefined ? "–" : formatRate(limit.bindsAt);
    }),
  ]);
  return toMarkdown(
    [
      words(`limit, binding at requests per second of ${formatNumber(CALLERS)} callers`),
      ...STEPS.map(({ name }) => numbers(name)),
    ],
    rows,
  );
}
