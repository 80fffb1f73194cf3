import type { Evaluation } from "./evaluation.ts";
import type { Check } from "./outcome.ts";

const MAX_SHOWN = 3;

/** No room excuses either of them. */
export function checkWrites({ writes, acknowledged }: Evaluation): Check[] {
  const about = `, of ${acknowledged} users`;
  return [
    countCheck("no acknowledged write is lost", writes.lost, about),
    countCheck("no write is applied twice", writes.twice, about),
  ];
}

export function countCheck(name: string, faults: readonly string[], about = ""): Check {
  return {
    name,
    outcome: faults.length === 0 ? "held" : "broken",
    detail: [`${faults.length}${about}`, ...faults.slice(0, MAX_SHOWN)].join("; "),
  };
}
