import type { Demand } from "./demand.ts";
import { PUBLISHED } from "./inputs.ts";
import { MEASURED } from "./measured.ts";
import type { Scenario } from "./scenario.ts";

/** Bytes of a GB as it is billed. */
export const GIGABYTE = 1e9;

/** GB in all regions together: users, and the idempotency keys that have not expired yet. */
export function dataGigabytes(
  { users }: Scenario,
  { keyedWrites }: Demand,
): { readonly users: number; readonly keys: number } {
  const keys = keyedWrites * PUBLISHED.keyLifetime.value * 3600;
  return {
    users: (users * MEASURED.userBytes.value) / GIGABYTE,
    keys: (keys * MEASURED.keyBytes.value) / GIGABYTE,
  };
}

/** GB of change history that the restore window keeps, in all regions together. */
export function historyGigabytes({ writes }: Demand): number {
  return (writes * MEASURED.walBytesWrite.value * PUBLISHED.historyWindow.value * 86_400) / GIGABYTE;
}
