import type { Evaluation } from "./evaluation.ts";
import { type Check, outcomeOf } from "./outcome.ts";

const MAX_SHOWN = 3;

/**
 * No room excuses a request that is counted twice. One that is missing may be its doing: without room a delivery fails three times, and
 * is given up when the version ends before its next request.
 */
export function checkTelemetry({ telemetry, room }: Evaluation): Check {
  const { answered, ofLoad, counted, unanswered, versions, lost, missing, tooMany } = telemetry;
  const { lostAnswers, evictions } = telemetry.disturbances;
  const isComplete = missing.length === 0 && lost === 0 && counted > 0;
  return {
    name: "telemetry has counted each request once",
    outcome: tooMany.length > 0 ? "broken" : outcomeOf(isComplete, room.shortages.length > 0),
    detail: [
      `${counted} counted of ${versions} versions, ${answered} answered, ${ofLoad} of them to the load`,
      `${lostAnswers} answers to batches lost, objects ended ${evictions} times`,
      ...(unanswered === 0 ? [] : [`${unanswered} clients left without an answer`]),
      ...(lost === 0 ? [] : [`${lost} measurements lost`]),
      ...[...tooMany, ...missing].slice(0, MAX_SHOWN),
    ].join("; "),
  };
}
