import { describeRoom } from "../room/room.ts";
import type { Evaluation, RunResult } from "./evaluation.ts";
import { type Check, exitCodeOf, type Outcome } from "./outcome.ts";
import { formatTable } from "./table.ts";

const HEADER = [
  "release",
  "caught at",
  "expected",
  "found by",
  "rolled back in",
  "requests",
  "failed",
  "lost",
  "injected",
  "share at 10 %",
  "share at 50 %",
];

/** The table of the releases with its totals, and below it the checks. */
export function formatResult(
  { results, requests, lost, forgiven, unanswered, room }: Evaluation,
  checks: readonly Check[],
): string[] {
  const injected = results.reduce((sum, result) => sum + result.injected, 0);
  const total = [
    "total",
    "",
    "",
    "",
    "",
    requests,
    lost.length + forgiven.length + unanswered.length,
    lost.length,
    injected,
  ].map(String);
  return [
    ...formatTable(HEADER, [...results.map(toRow), total]),
    "",
    ...checks.map(({ name, outcome, detail }) => `${MARKS[outcome]} ${name} (${detail})`),
    "",
    describeRoom(room),
  ];
}

const MARKS: Readonly<Record<Outcome, string>> = { held: "ok   ", broken: "FAIL ", inconclusive: "?    " };

/** What it comes to; when it comes to nothing, what to do. The last line counts. */
export function formatTotals(checks: readonly Check[]): string[] {
  const count = (wanted: Outcome): number => checks.filter(({ outcome }) => outcome === wanted).length;
  const unclear = count("inconclusive");
  const advice =
    "inconclusive: this machine had no room to see it, which says nothing about the release. End other work on it and run it again, or ask for less with --rate.";
  return [
    ...(unclear > 0 && exitCodeOf(checks) !== 1 ? [advice] : []),
    `${count("held")} passed, ${count("broken")} failed${unclear === 0 ? "" : `, ${unclear} inconclusive`}`,
  ];
}

function toRow(result: RunResult): string[] {
  const { run, rollbackMs, requests, failures, lost, injected } = result;
  const { scenario, stage } = run;
  return [
    run.isSuperseded ? `${scenario.title} (no room)` : scenario.title,
    stage ?? "-",
    [scenario.expected.stage ?? "-", scenario.expected.orStage ?? []].flat().join(" or "),
    run.foundBy.join(", ") || "-",
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
