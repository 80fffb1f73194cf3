import type { Kind } from "../subscribers/kinds.ts";
import type { Evaluation } from "./evaluation.ts";
import { type Check, outcomeOf } from "./outcome.ts";
import type { SubscriberResult } from "./subscribers.ts";

const NAMES: Readonly<Record<Kind, string>> = {
  sse: "the subscriber by SSE has seen each event once",
  pages: "the subscriber by pages has seen each event once",
  websocket: "the subscriber by WebSocket has seen each event once",
  webhook: "the subscriber by webhook has seen each event",
};
const MAX_SHOWN = 3;

/** Without room an event may come late, after which nothing has come; no room excuses one that is lost, foreign, out of order, or doubled in a feed. */
export function checkSubscribers({ subscribers, room }: Evaluation): Check[] {
  return subscribers.map((result) => {
    const { kind, expected, late } = result;
    const isBroken = faultsOf(result).some(([, ids]) => ids.length > 0);
    const isComplete = late.length === 0 && expected > 0;
    return {
      name: NAMES[kind],
      outcome: isBroken ? "broken" : outcomeOf(isComplete, room.shortages.length > 0),
      detail: describe(result),
    };
  });
}

/** What a webhook repeats is no fault: it promises each event at least once. */
function faultsOf({ kind, lost, swapped, foreign, doubled }: SubscriberResult): [string, readonly string[]][] {
  return [
    ["lost", lost],
    ["out of order", swapped],
    ["not in the outbox", foreign],
    ...(kind === "webhook" ? [] : ([["seen twice", doubled]] satisfies [string, readonly string[]][])),
  ];
}

function describe(result: SubscriberResult): string {
  const { kind, seen, expected, reconnects, doubled, late } = result;
  const faults = [...faultsOf(result), ["not there in time", late] as const].filter(([, ids]) => ids.length > 0);
  return [
    `${seen} of ${expected}${kind === "webhook" ? `, ${doubled.length} came again` : `, reconnected ${reconnects} times`}`,
    ...faults.map(([what, ids]) => `${ids.length} ${what}: ${ids.slice(0, MAX_SHOWN).join(", ")}`),
  ].join("; ");
}
