import type { Evaluation } from "./evaluation.ts";
import type { Check } from "./outcome.ts";

const MAX_SHOWN = 3;

/** No room excuses a request that is counted twice or not at all: what is late is waited for. */
export function checkTelemetry({ telemetry }: Evaluation): Check {
  const { answered, ofLoad, counted, unanswered, versions, lost, miscounts } = telemetry;
  const { lostAnswers, evictions } = telemetry.disturbances;
  const isExact = miscounts.length === 0 && lost === 0 && counted > 0;
  return {
    name: "telemetry has counted each request once",
    outcome: isExact ? "held" : "broken",
    detail: [
      `${counted} counted of ${versions} versions, ${answered} answered, ${ofLoad} of them to the load`,
      `${lostAnswers} answers to batches lost, objects ended ${evictions} times`,
      ...(unanswered === 0 ? [] : [`${unanswered} clients left without an answer`]),
      ...(lost === 0 ? [] : [`${lost} measurements lost`]),
      ...miscounts.slice(0, MAX_SHOWN),
    ].join("; "),
  };
}
