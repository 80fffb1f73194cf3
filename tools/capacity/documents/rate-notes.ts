import { costsOf, totalOf } from "../cost.ts";
import { formatDollars, formatNumber, formatRate } from "../format.ts";
import { recommend, scenarioAt, STEPS } from "../ladder.ts";
import { firstLimitOf, type Limit, limitsOf } from "../limits/index.ts";
import { RATES, scenarioFor } from "./ladder-tables.ts";

/** How many limits and lines of the invoice are worth naming. */
const NAMED = 3;

/** For each rate, by the name of its block: what comes first, what to turn on, what it costs. */
export function rateNotes(): Readonly<Record<string, string>> {
  return Object.fromEntries(RATES.map((rate) => [`rate-${rate}`, noteOn(rate)]));
}

function noteOn(rate: number): string {
  const { step, scenario } = recommend(scenarioFor(rate));
  const place = STEPS.indexOf(step);
  const outgrown = STEPS.slice(0, place).at(-1);
  const costs = costsOf(scenario);
  const total = totalOf(costs);
  const dearest = costs.toSorted((left, right) => right.usd - left.usd).slice(0, NAMED);
  return [
    ...(outgrown === undefined
      ? []
      : [
          `- **\`${outgrown.name}\` ends with** ${describe(firstLimitOf(scenarioAt(outgrown.name, scenarioFor(rate))))}.`,
        ]),
    `- **Use \`${step.name}\`:** ${step.turnOn}.`,
    `- **Then comes first** ${limitsOf(scenario).slice(0, NAMED).map(describe).join("; ")}.`,
    `- **A month costs** ${formatDollars(total)}, of it ` +
      `${dearest.map(({ name, usd }) => `${Math.round((usd / total) * 100)} % for ${name}`).join(", ")}.`,
  ].join("\n");
}

function describe({ name, used, capacity, unit, bindsAt }: Limit): string {
  return `${name}, at ${formatRate(bindsAt)} (now ${formatNumber(used)} of ${formatNumber(capacity)} ${unit})`;
}
