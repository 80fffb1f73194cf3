import type { Evaluation } from "./evaluation.ts";
import { type Check, outcomeOf } from "./outcome.ts";
import type { StepShare } from "./shares.ts";

/** Points of percent. */
const MAX_DIFFERENCE = 2;
/**
 * The emulator deals its draws out evenly, so a share is off by some requests, however many there are; but others draw as well (probes,
 * smoke tests), and a step begins and ends somewhere. In a short step these few are more points.
 */
const MAX_REQUESTS_OFF = 20;

type Results = Evaluation["results"];

/** Whether the new versions got of the traffic what was deployed, at each step and over all steps with the same target. */
export function checkShares({ results }: Evaluation): Check | null {
  const released = results.filter(
    ({ run: { scenario, isSuperseded } }) =>
      scenario.worker === "api" && scenario.expected.live === "new" && !isSuperseded,
  );
  if (released.length === 0) return null;
  // A good version has been at 10 % and at 50 %, or nothing was measured.
  const isMeasured = released.every(({ shares }) =>
    [10, 50].every((step) => shares.some(({ target }) => target === step)),
  );
  const hadRoom = released.every(({ isDisturbed }) => !isDisturbed);
  const inRoom = stepsOf(results.filter(({ isDisturbed }) => !isDisturbed));
  return {
    name: `shares are within ${MAX_DIFFERENCE} points of their target`,
    outcome: outcomeOf(isMeasured && areHeld(stepsOf(results)), areHeld(inRoom) && (isMeasured || !hadRoom)),
    detail: isMeasured ? describe(stepsOf(results)) : "a step was not seen: no requests between its start and the next",
  };
}

const stepsOf = (results: Results): readonly StepShare[] => results.flatMap(({ shares }) => shares);

function areHeld(steps: readonly StepShare[]): boolean {
  const isEachHeld = steps.every((step) => differenceOf(step) <= allowanceOf(step));
  return isEachHeld && pool(steps).every((all) => differenceOf(all) <= MAX_DIFFERENCE);
}

const differenceOf = ({ target, share }: StepShare): number => Math.abs(target - share);

const allowanceOf = ({ requests }: StepShare): number => Math.max(MAX_DIFFERENCE, (100 * MAX_REQUESTS_OFF) / requests);

/** All steps with the same target as one. */
function pool(steps: readonly StepShare[]): readonly StepShare[] {
  return [...Map.groupBy(steps, ({ target }) => target)].map(([target, own]) => {
    const requests = own.reduce((sum, step) => sum + step.requests, 0);
    return { target, requests, share: own.reduce((sum, step) => sum + step.share * step.requests, 0) / requests };
  });
}

function describe(steps: readonly StepShare[]): string {
  const worst = Math.max(0, ...steps.map(differenceOf));
  const together = pool(steps).map(({ target, share }) => `${share.toFixed(1)} % for ${target} %`);
  return `worst of ${steps.length} steps: ${worst.toFixed(1)} points; all together ${together.join(", ")}`;
}
