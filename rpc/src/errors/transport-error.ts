import { Code, ConnectError } from "@connectrpc/connect";

import { errorInfo } from "./details.ts";

/** Whether an operation changes something: then a failure without an answer leaves unknown whether it did. */
interface Effect {
  readonly isChange: boolean;
}

const MAYBE_DONE = "The change may have been made, or not.";

/** Why there is no answer of the API, for the caller and, as its cause, for the log. */
export function toTransportError(error: unknown, signal: AbortSignal, effect: Effect): ConnectError {
  if (error instanceof ConnectError && error !== signal.reason) return error;
  if (signal.aborted) return endedByCaller(ConnectError.from(signal.reason, Code.Canceled), effect);
  if (error instanceof Error && error.name === "TimeoutError") {
    const message = tell("The call could not be finished in time.", effect);
    return new ConnectError(message, Code.DeadlineExceeded, undefined, [errorInfo("DEADLINE_EXCEEDED")], error);
  }
  return noAnswer(error, effect);
}

/** For an answer that is not the API's own, such as a page of the platform in its place. */
export function brokenAnswerError(status: number, effect: Effect): ConnectError {
  return noAnswer(new Error(`The API answered with status ${status} and no problem.`), effect);
}

/** What repeats itself by itself must not repeat what may have been done. */
function noAnswer(cause: unknown, effect: Effect): ConnectError {
  const [code, reason] = effect.isChange
    ? ([Code.Unknown, "OUTCOME_UNKNOWN"] as const)
    : ([Code.Unavailable, "SERVICE_UNAVAILABLE"] as const);
  const message = effect.isChange
    ? "It cannot be told whether the change was made."
    : "The service cannot answer at the moment.";
  return new ConnectError(message, code, undefined, [errorInfo(reason)], cause ?? new Error("no answer"));
}

/** Their deadline is over, or they went away: no fault of ours, so that it has no cause. */
function endedByCaller({ code }: ConnectError, effect: Effect): ConnectError {
  const isOverdue = code === Code.DeadlineExceeded;
  const message = isOverdue ? tell("The call's deadline is over.", effect) : "The call was canceled.";
  const details = isOverdue ? [errorInfo("DEADLINE_EXCEEDED")] : [];
  return new ConnectError(message, isOverdue ? Code.DeadlineExceeded : Code.Canceled, undefined, details);
}

function tell(sentence: string, { isChange }: Effect): string {
  return isChange ? `${sentence} ${MAYBE_DONE}` : sentence;
}
