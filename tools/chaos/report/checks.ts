import { type Check, outcomeOf } from "../../rehearsal/report/outcome.ts";
import { FINDING_KINDS, type FindingKind } from "../check/finding.ts";
import { FAULT_NAMES } from "../faults/kinds.ts";
import { MAX_RECOVERY_MS } from "../outage.ts";
import type { ChaosResult } from "../run.ts";

/** What a run has to show, each in a line. */
export function checkChaos(result: ChaosResult): Check[] {
  return [
    checkOperations(result),
    checkFaults(result),
    checkKills(result),
    ...FINDING_KINDS.map((kind) => checkFindings(result, kind)),
    checkAnswers(result),
    checkInternalErrors(result),
    checkAnswered(result),
    checkRecovery(result),
    held("the Worker's process lives on", result.workerEnd === null, result.workerEnd ?? "one process throughout"),
  ];
}

function held(name: string, isHeld: boolean, detail: string, isExcused = false): Check {
  return { name, detail, outcome: outcomeOf(isHeld, isExcused) };
}

/** What was cut short by the clock proves less than was asked for, and breaks no promise. */
function checkOperations({ operations, elapsedMs, options }: ChaosResult): Check {
  const rate = operations / (elapsedMs / 1_000);
  const detail = `${operations} of ${options.operations} in ${(elapsedMs / 1_000).toFixed(0)} s, ${rate.toFixed(0)} a second`;
  return held("all operations were done", operations >= options.operations, detail, true);
}

function checkFaults({ faults, troubles, options }: ChaosResult): Check {
  const counts = [...faults.values()];
  const hit = counts.reduce((sum, count) => sum + count.hit, 0);
  const missing =
    options.faults < FAULT_NAMES.length ? [] : FAULT_NAMES.filter((name) => (faults.get(name)?.hit ?? 0) === 0);
  const detail = [
    `${hit} of ${options.faults} in ${faults.size} kinds`,
    ...(missing.length === 0 ? [] : [`none of ${missing.join(", ")}`]),
    ...troubles.slice(0, 1),
  ].join("; ");
  return held("all faults have hit", hit >= options.faults && missing.length === 0 && troubles.length === 0, detail);
}

function checkKills({ outages, options }: ChaosResult): Check {
  return held(
    "the database was killed",
    outages.length >= options.kills,
    `${outages.length} of ${options.kills} times`,
  );
}

const FINDING_NAMES: Readonly<Record<FindingKind, string>> = {
  "lost-write": "no acknowledged write is lost",
  "doubled-write": "no write is done twice",
  "resurrected-delete": "no deleted user is back",
  "lost-update": "no change overwrites another unseen",
  phantom: "no user is there that was refused, or never asked for",
  "impossible-read": "no read shows a state that cannot be",
  "changed-replay": "a repeated creation repeats its answer",
};

function checkFindings({ findings }: ChaosResult, kind: FindingKind): Check {
  const found = findings.filter((finding) => finding.kind === kind);
  const [first] = found;
  const detail = first === undefined ? "0" : `${found.length}, as of ${first.username}: ${first.detail}`;
  return held(FINDING_NAMES[kind], first === undefined, detail);
}

function checkAnswers({ answers: { complaints } }: ChaosResult): Check {
  const [first] = complaints;
  const all = [...complaints].map(([complaint, count]) => `${count} × ${complaint}`).join("; ");
  return held(
    "every answer is a foreseen one, and quotes nothing",
    first === undefined,
    first === undefined ? "0" : all,
  );
}

/** Every injected fault is foreseeable. */
function checkInternalErrors({ answers: { internalErrors } }: ChaosResult): Check {
  return held("no answer is a 500", internalErrors === 0, String(internalErrors));
}

function checkAnswered({ answers: { unanswered, requests } }: ChaosResult): Check {
  const all = [...unanswered].map(([reason, count]) => `${count} × ${reason}`).join("; ");
  return held("every request is answered", unanswered.size === 0, unanswered.size === 0 ? `${requests} requests` : all);
}

function checkRecovery({ outages }: ChaosResult): Check {
  const late = outages.filter(({ recoveryMs }) => recoveryMs === null || recoveryMs > MAX_RECOVERY_MS);
  const times = outages
    .map(({ recoveryMs }) => (recoveryMs === null ? "never" : `${recoveryMs.toFixed(0)} ms`))
    .join(", ");
  const isExcused = late.every(({ wasStarved }) => wasStarved);
  return held(`ready again ${MAX_RECOVERY_MS / 1_000} s after the database`, late.length === 0, times, isExcused);
}
