import { type Results, rejectedShare, type Summary } from "./results.ts";
import { FAULT_WEATHERS, GOOD, nameOf, type Scenario, SCENARIOS } from "./scenarios.ts";

/** The tables of the page, by the name of their place. */
export function renderTables(results: Results): Readonly<Record<"good" | "faults", string>> {
  const good = SCENARIOS.filter(({ faultName }) => faultName === GOOD);
  const faults = new Set(SCENARIOS.map(({ faultName }) => faultName).filter((name) => name !== GOOD));
  return {
    good: renderTable(
      ["weather", "rejected", "watched for longer"],
      good.map((scenario) => {
        const summary = find(results, scenario);
        return [scenario.weatherName, formatShare(rejectedShare(summary)), formatShare(extendedShare(summary))];
      }),
    ),
    faults: renderTable(
      ["fault", ...FAULT_WEATHERS.flatMap((weather) => [`caught, ${weather}`, "at 10 %", "seconds: half, 95 %"])],
      [...faults].map((faultName) => [
        faultName,
        ...FAULT_WEATHERS.flatMap((weatherName) => describeFault(find(results, { faultName, weatherName }))),
      ]),
    ),
  };
}

/** @throws Error when the results are of other scenarios */
export function find(results: Results, scenario: Pick<Scenario, "faultName" | "weatherName">): Summary {
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
