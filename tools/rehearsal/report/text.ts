import type { Check } from "./checks.ts";
import type { Evaluation, RunResult } from "./evaluation.ts";
import { formatTable } from "./table.ts";

const HEADER = [
  "release",
  "caught at",
  "expected",
  "rolled back in",
  "requests",
  "failed",
  "lost",
  "injected",
  "share at 10 %",
  "share at 50 %",
];

/** The table of the releases with its totals, and below it the checks. */
export function formatResult({ results, requests, lost, forgiven }: Evaluation, checks: readonly Check[]): string[] {
  const injected = results.reduce((sum, result) => sum + result.injected, 0);
  const total = ["total", "", "", "", requests, lost.length + forgiven.length, lost.length, injected].map(String);
  return [
    ...formatTable(HEADER, [...results.map(toRow), total]),
    "",
    ...checks.map(({ name, isPassed, detail }) => `${isPassed ? "ok   " : "FAIL "} ${name} (${detail})`),
  ];
}

function toRow(result: RunResult): string[] {
  const { run, rollbackMs, requests, failures, lost, injected } = result;
  const { scenario, stage } = run;
  return [
    scenario.title,
    stage ?? "-",
    scenario.expected.stage ?? "-",
    rollbackMs === null ? "-" : `${(rollbackMs / 1_000).toFixed(1)} s`,
    String(requests),
    String(failures),
    String(lost),
    String(injected),
    shareAt(result, 10),
    shareAt(result, 50),
  ];
}

function shareAt({ shares }: RunResult, step: number): string {
  const measured = shares.find(({ target }) => target === step);
  return measured === undefined ? "-" : `${measured.share.toFixed(1)} %`;
}
