import { pickIndex, type Random } from "../../rehearsal/load/random.ts";
import { FAULT_NAMES, type FaultName } from "./kinds.ts";

/** What happens when so many operations have begun. */
export type Incident = { readonly at: number } & (
  | { readonly kind: "fault"; readonly name: FaultName; readonly match: string | null }
  /** The database ends, and is started again after a time. */
  | { readonly kind: "kill"; readonly downMs: number }
);

export interface ScheduleSize {
  readonly operations: number;
  readonly faults: number;
  readonly kills: number;
}

/** Statements that a fault may be meant for; every second one hits whatever comes next. */
const TARGETS = ["insert_user", "idempotency_keys", 'update "users"', 'delete from "users"'] as const;

/** The last part of a run is left alone, so that the last faults are met. */
const BUSY_SHARE = 0.95;
const MIN_DOWN_MS = 300;
const MORE_DOWN_MS = 1_200;

/** Spreads faults and kills over a run, in their order: every kind as often as every other, the same for the same `random`. */
export function makeSchedule({ operations, faults, kills }: ScheduleSize, random: Random): Incident[] {
  const place = (index: number, count: number): number =>
    Math.floor(((index + 0.2 + 0.6 * random()) / count) * operations * BUSY_SHARE);
  const names = Array.from({ length: faults }, (_, index) => FAULT_NAMES[index % FAULT_NAMES.length]).flatMap(
    (name) => name ?? [],
  );
  shuffle(names, random);
  const incidents = [
    ...names.map((name, index): Incident => ({
      at: place(index, faults),
      kind: "fault",
      name,
      match: pickTarget(random),
    })),
    ...Array.from({ length: kills }, (_, index): Incident => {
      const at = place(index, kills);
      return { at, kind: "kill", downMs: Math.round(MIN_DOWN_MS + MORE_DOWN_MS * random()) };
    }),
  ];
  return incidents.toSorted((left, right) => left.at - right.at);
}

function pickTarget(random: Random): string | null {
  return random() < 0.5 ? null : (TARGETS[pickIndex(random, TARGETS.length)] ?? null);
}

/** Fisher and Yates's. */
function shuffle<Item>(items: Item[], random: Random): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = pickIndex(random, last + 1);
    const [left, right] = [items[last], items[other]];
    if (left === undefined || right === undefined) continue;
    [items[last], items[other]] = [right, left];
  }
}
