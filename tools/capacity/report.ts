import { costsOf, type CostLine, rateForBudget, totalOf } from "./cost.ts";
import { computeUnitsFor, type Demand, demandOf } from "./demand.ts";
import { formatDollars, formatNumber, formatRate, formatShare } from "./format.ts";
import { ASSUMED, MONTH_SECONDS } from "./inputs.ts";
import { hasHeadroom, recommend, type Recommendation } from "./ladder.ts";
import { type Limit, limitsOf } from "./limits/index.ts";
import type { Scenario } from "./scenario.ts";
import { numbers, toText, words } from "./table.ts";

/** All that the model says about a scenario. */
export interface Report {
  readonly scenario: Scenario;
  readonly demand: Demand;
  /** Size of each compute, in CU; null without replicas. */
  readonly computeUnits: { readonly primary: number; readonly replica: number | null };
  readonly limits: readonly Limit[];
  readonly costs: readonly CostLine[];
  /** US dollars a month. */
  readonly total: number;
  /** The budget asked for, and requests per second at which it is spent. */
  readonly budget: { readonly usd: number; readonly reachedAt: number } | null;
  /** Whether this setup carries the load, with the headroom that the model asks for. */
  readonly isEnough: boolean;
  readonly recommendation: Recommendation;
}

/** Asks every part of the model; a budget is in US dollars a month. */
export function reportOn(scenario: Scenario, budget: number | null): Report {
  const demand = demandOf(scenario);
  const costs = costsOf(scenario);
  return {
    scenario,
    demand,
    computeUnits: {
      primary: computeUnitsFor(demand.primary.busyProcessors),
      replica: demand.replica === null ? null : computeUnitsFor(demand.replica.busyProcessors),
    },
    limits: limitsOf(scenario),
    costs,
    total: totalOf(costs),
    budget: budget === null ? null : { usd: budget, reachedAt: rateForBudget(scenario, budget) },
    isEnough: hasHeadroom(scenario),
    recommendation: recommend(scenario),
  };
}

/** For a terminal. */
export function formatReport(report: Report): string {
  return [
    ...describeScenario(report),
    "",
    formatLimits(report),
    "",
    formatCosts(report),
    ...formatBudget(report),
    "",
    ...formatRecommendation(report),
    "",
  ].join("\n");
}

function describeScenario({ scenario, demand, computeUnits }: Report): readonly string[] {
  const { driver, plan, regions, replicas, databaseMs } = scenario;
  const { gets, lists, writes, keyedWrites } = demand;
  const way = driver === "http" ? "SQL over HTTP" : "Hyperdrive";
  const plans = {
    free: "Workers Free, Neon Free",
    launch: "Workers Paid, Neon Launch",
    scale: "Workers Paid, Neon Scale",
  };
  const computes = [
    `primary ${computeUnits.primary} CU`,
    ...(computeUnits.replica === null ? [] : [`${replicas} replicas of ${computeUnits.replica} CU`]),
  ];
  return [
    `${formatNumber(scenario.requestsPerSecond)} requests per second: ${formatNumber(gets)} gets, ${formatNumber(lists)} lists, ` +
      `${formatNumber(writes)} writes (${formatNumber(keyedWrites)} with an idempotency key)`,
    `${way}, ${plans[plan]}, ${regions === 1 ? "1 region" : `${regions} regions`}, ${computes.join(", ")}; ` +
      `a statement holds its connection for ${formatNumber(databaseMs)} ms`,
  ];
}

function formatLimits({ scenario, limits }: Report): string {
  const rows = limits.map(({ name, kind, used, capacity, unit, bindsAt }) => [
    name,
    formatNumber(used),
    formatNumber(capacity),
    unit,
    formatRate(bindsAt),
    bindsAt < scenario.requestsPerSecond ? `exceeded, ${kind}` : kind,
  ]);
  const columns = [
    words("limit"),
    numbers("used"),
    numbers("of"),
    words("unit"),
    numbers("binds at rps"),
    words("beyond"),
  ];
  return toText(columns, rows);
}

function formatCosts({ scenario, costs, total }: Report): string {
  if (costs.length === 0) return "Free plans cost nothing.";
  const rows = costs.map(({ name, amount, unit, usd }) => [name, formatNumber(amount), unit, formatDollars(usd)]);
  const perMillion = (total * 1e6) / (scenario.requestsPerSecond * MONTH_SECONDS);
  return toText(
    [words("a month of 30 days"), numbers("amount"), words("unit"), numbers("USD")],
    [...rows, ["total", "", "", formatDollars(total)], ["per million requests", "", "", formatDollars(perMillion)]],
  );
}

function formatBudget({ budget }: Report): readonly string[] {
  if (budget === null) return [];
  return [`${formatDollars(budget.usd)} a month are spent at ${formatRate(budget.reachedAt)} requests per second.`];
}

function formatRecommendation({ isEnough, recommendation }: Report): readonly string[] {
  const { step, scenario, firstLimit, besides } = recommendation;
  const total = totalOf(costsOf(scenario));
  const share = formatShare(ASSUMED.targetUtilisation.value);
  return [
    `This setup is ${isEnough ? "enough" : "not enough"}: no limit should be used to more than ${share}.`,
    `Recommended step: ${step.name}${recommendation.isEnough ? "" : " (the last one, and not enough: split further)"}`,
    `  turn on      ${step.turnOn}`,
    `  its price    ${step.price}`,
    `  costs        ${formatDollars(total)} a month`,
    `  first limit  ${firstLimit.name}, at ${formatRate(firstLimit.bindsAt)} requests per second`,
    ...besides.map(({ name, remedy, bindsAt }) => `  besides      ${name}, at ${formatRate(bindsAt)}: ${remedy}`),
  ];
}
