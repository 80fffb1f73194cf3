import { formatPlan, paint } from "./format.ts";
import { observe, type Sources } from "./observe.ts";
import { makePlan, type Tools } from "./plan.ts";
import type { Step } from "./step.ts";

export interface SetupSession extends Sources, Tools {
  readonly isDryRun: boolean;
  /** Whether to go on, asked after the plan was shown. */
  readonly confirm: () => Promise<boolean>;
  readonly print: (text: string) => void;
  readonly hasColor: boolean;
  readonly signal: AbortSignal;
}

/** How it ended. */
export type SetupOutcome = "done" | "planned" | "nothing-to-do" | "refused" | "declined" | "interrupted";

/**
 * Looks, plans, shows the plan, asks, and does it, one step after the other.
 * @throws what a step throws; what was done before stays, and the next run finds it
 */
export async function runSetup(session: SetupSession): Promise<SetupOutcome> {
  const { print, signal } = session;
  const steps = makePlan(await observe(session), session, session);
  print(formatPlan(steps, session.hasColor));
  if (steps.some(({ action }) => action === "refuse")) return "refused";
  const open = steps.filter(({ apply }) => apply !== null);
  if (open.length === 0) return "nothing-to-do";
  if (session.isDryRun) return "planned";
  if (!(await session.confirm())) return signal.aborted ? "interrupted" : "declined";
  for (const step of open) {
    if (signal.aborted) return "interrupted";
    await applyStep(step, session);
  }
  return "done";
}

async function applyStep({ subject, detail, apply }: Step, { print, hasColor }: SetupSession): Promise<void> {
  const startMs = performance.now();
  try {
    await apply?.();
  } catch (error) {
    print(`  ${paint("FAILED", 31, hasColor)}  ${subject}  ${detail}`);
    throw error;
  }
  print(`  ${paint("ok", 32, hasColor)}      ${subject}  ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
