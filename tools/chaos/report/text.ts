import type { Check } from "../../rehearsal/report/outcome.ts";
import type { ChaosResult } from "../run.ts";

const MARKS: Readonly<Record<Check["outcome"], string>> = {
  held: "ok",
  broken: "FAILED",
  inconclusive: "inconclusive",
};

/** A run as a person reads it. */
export function formatChaos(result: ChaosResult, checks: readonly Check[]): string {
  const { answers, faults, history, content, options, tellsOutcome } = result;
  const unknown = history.own.flatMap(({ events }) =>
    events.filter((event) => "end" in event && event.end.kind === "unknown"),
  ).length;
  const lines = [
    "",
    "answers by status",
    ...sorted(answers.answers).map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`),
    "",
    "faults that have hit",
    ...[...faults]
      .map(([name, { injected, hit }]) => `  ${`${hit}/${injected}`.padStart(7)}  ${name}`)
      .toSorted(byName),
    "",
    `${history.own.length} users of one client, ${history.shared.length} of all; ${content.users.length} are left`,
    `${unknown} writes ended without their clients knowing how${tellsOutcome ? "" : "; the service does not tell a refusal from an unknown end"}`,
    "",
    ...checks.map(({ name, outcome, detail }) => `${MARKS[outcome].padEnd(12)} ${name}: ${detail}`),
    "",
    `seed ${options.seed}`,
    formatCounts(checks),
  ];
  return `${lines.join("\n")}\n`;
}

function formatCounts(checks: readonly Check[]): string {
  const count = (outcome: Check["outcome"]): number => checks.filter((check) => check.outcome === outcome).length;
  const inconclusive = count("inconclusive");
  return `${count("held")} passed, ${count("broken")} failed${inconclusive === 0 ? "" : `, ${inconclusive} inconclusive`}`;
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([left], [right]) => left.localeCompare(right));
}

function byName(left: string, right: string): number {
  return left.slice(9).localeCompare(right.slice(9));
}
