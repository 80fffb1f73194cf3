import { setTimeout as delay } from "node:timers/promises";

import type { Answer } from "./answer.ts";
import { errorAnswer } from "./answer.ts";
import { GatewayError } from "./errors.ts";
import type { RequestFault } from "./faults.ts";

/** The connection is to be reset instead of answered. */
export const RESET = Symbol("reset");

/** What the client gets instead of a run statement, or undefined when it runs; waits for slow faults until `signal` aborts. */
export async function applyBefore(
  faults: readonly RequestFault[],
  signal: AbortSignal,
): Promise<Answer | typeof RESET | undefined> {
  for (const fault of faults) {
    if (fault.kind === "wake-up") return wakeUpAnswer(fault);
    if (fault.kind === "http" && fault.when !== "after") return httpAnswer(fault);
    if (fault.kind === "reset" && fault.when === "before") return RESET;
    if (fault.kind === "slow" && fault.when === "before") await wait(fault.delayMs, signal);
  }
  return undefined;
}

/** What becomes of the answer to a statement that has run. */
export async function applyAfter(
  faults: readonly RequestFault[],
  answer: Answer,
  signal: AbortSignal,
): Promise<Answer | typeof RESET> {
  let outcome = answer;
  for (const fault of faults) {
    if (fault.kind === "slow" && fault.when === "after") await wait(fault.delayMs, signal);
    if (fault.kind === "reset" && fault.when === "after") return RESET;
    outcome = changeAnswer(outcome, fault);
  }
  return outcome;
}

function changeAnswer(answer: Answer, fault: RequestFault): Answer {
  if (fault.kind === "http" && fault.when === "after") return httpAnswer(fault);
  if (fault.kind === "slow-body") return { ...answer, pauseMs: fault.delayMs };
  return fault.kind === "cut-body" ? { ...answer, cut: fault.how ?? "truncate" } : answer;
}

function httpAnswer({ status, body, contentType = "text/html" }: Extract<RequestFault, { kind: "http" }>): Answer {
  return { status, body, contentType };
}

function wakeUpAnswer({
  status = 500,
  message = "Control plane request failed: compute is unavailable",
}: Extract<RequestFault, { kind: "wake-up" }>): Answer {
  return errorAnswer(new GatewayError(status, message));
}

async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  // A client that left ends the wait; whether its statement still runs is decided where the session is handed out.
  await delay(delayMs, undefined, { signal }).catch(() => undefined);
}
