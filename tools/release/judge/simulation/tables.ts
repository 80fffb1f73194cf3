import { type Results, rejectedShare, type Summary } from "./results.ts";
import { FAULT_USERS, FAULT_WEATHERS, GOOD, nameOf, type Scenario, SCENARIOS, USERS_SCENARIOS } from "./scenarios.ts";

/** The tables of the page, by the name of their place. */
export function renderTables(results: Results): Readonly<Record<"good" | "faults" | "users" | "usersfaults", string>> {
  const good = SCENARIOS.filter(({ faultName }) => faultName === GOOD);
  return {
    good: renderTable(
      ["weather", "rejected", "watched for longer"],
      good.map((scenario) => {
        const summary = find(results, scenario);
        return [scenario.weatherName, formatShare(rejectedShare(summary)), formatShare(extendedShare(summary))];
      }),
    ),
    users: renderTable(
      ["weather", "requests", "rejected", "watched for longer"],
      USERS_SCENARIOS.filter(({ faultName }) => faultName === GOOD).map((scenario) => {
        const summary = find(results, scenario);
        const shares = [rejectedShare(summary), extendedShare(summary)].map(formatShare);
        return [scenario.weatherName, scenario.users?.name ?? "", ...shares];
      }),
    ),
    usersfaults: renderTable(
      ["fault", ...FAULT_USERS.flatMap(({ name }) => [`caught, ${name}`, "at 10 %", "seconds: half, 95 %"])],
      namesOf(USERS_SCENARIOS).map((faultName) => [
        faultName,
        ...FAULT_USERS.flatMap((users) => describeFault(find(results, { faultName, weatherName: "fair", users }))),
      ]),
    ),
    faults: renderTable(
      ["fault", ...FAULT_WEATHERS.flatMap((weather) => [`caught, ${weather}`, "at 10 %", "seconds: half, 95 %"])],
      namesOf(SCENARIOS).map((faultName) => [
        faultName,
        ...FAULT_WEATHERS.flatMap((weatherName) => describeFault(find(results, { faultName, weatherName }))),
      ]),
    ),
  };
}

/** Of the faults. */
const namesOf = (scenarios: readonly Scenario[]): readonly string[] => [
  ...new Set(scenarios.map(({ faultName }) => faultName).filter((name) => name !== GOOD)),
];

/** @throws Error when the results are of other scenarios */
export function find(results: Results, scenario: Pick<Scenario, "faultName" | "weatherName" | "users">): Summary {
  const found = results[nameOf(scenario)];
  if (found === undefined)
    throw new Error(`there is no result of ${nameOf(scenario)}: npm run judge:simulate -- --write-docs`);
  return found.all;
}

export const formatShare = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

const extendedShare = ({ extended, releases }: Summary): number => extended / releases;

function describeFault(summary: Summary): readonly string[] {
  const { releases, rejectedAt, medianSeconds, p95Seconds } = summary;
  return [
    formatShare(rejectedShare(summary)),
    formatShare(rejectedAt[10] / releases),
    `${medianSeconds ?? "–"}, ${p95Seconds ?? "–"}`,
  ];
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
