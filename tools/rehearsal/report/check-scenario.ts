import type { RunResult } from "./evaluation.ts";
import { type Check, type Outcome } from "./outcome.ts";

/** Whether a command ended as it had to. */
export function checkScenario({ run, isDisturbed }: RunResult): Check {
  const { problems, stage, exitCode, scenario } = run;
  const seen = stage === null ? `exit code ${exitCode}` : `stopped at ${stage}, exit code ${exitCode}`;
  return {
    name: `scenario ${scenario.name}: ${scenario.title}`,
    outcome: outcomeOfRun({ run, isDisturbed }),
    detail:
      problems.length === 0 ? seen : [...problems, ...(isDisturbed ? ["the machine had no room"] : [])].join("; "),
  };
}

/** On a machine without room a fault may be caught a step later, and a good version may be rejected; a fault may never be missed. */
function outcomeOfRun({ run, isDisturbed }: Pick<RunResult, "run" | "isDisturbed">): Outcome {
  const { problems, scenario, exitCode, hasMissedFault } = run;
  if (problems.length === 0) return "held";
  if (hasMissedFault || !isDisturbed) return "broken";
  const isCaughtLater = scenario.expected.live === "previous" && exitCode === scenario.expected.exitCode;
  return isCaughtLater ? "held" : "inconclusive";
}
