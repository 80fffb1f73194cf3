import type { AllowedState, Expectation } from "../load/book.ts";
import type { UserRow } from "../scenarios/database-state.ts";

/** Writes that the database does not have as they were acknowledged, in words. */
export interface WriteFaults {
  readonly lost: readonly string[];
  readonly twice: readonly string[];
}

/** Compares what the service has acknowledged with what the database holds. */
export function compareWrites(expectations: readonly Expectation[], rows: readonly UserRow[]): WriteFaults {
  const byName = new Map(rows.map((row) => [row.username, row]));
  const lost: string[] = [];
  const twice: string[] = [];
  for (const { username, allowed } of expectations) {
    const row = byName.get(username) ?? null;
    byName.delete(username);
    if (allowed.some((state) => isSame(state, row))) continue;
    const newest = Math.max(...allowed.map((state) => state?.version ?? 0));
    const fault = `${username}: ${row === null ? "no row" : `version ${row.version}`}, acknowledged ${describe(allowed)}`;
    if (row !== null && newest > 0 && row.version > newest) twice.push(fault);
    else lost.push(fault);
  }
  for (const username of byName.keys()) twice.push(`${username}: a row that no request has asked for`);
  return { lost, twice };
}

function isSame(state: AllowedState, row: UserRow | null): boolean {
  if (state === null || row === null) return state === row;
  const isSameId = state.id === null || state.id === row.id;
  return isSameId && state.fullName === row.full_name && state.version === row.version;
}

function describe(allowed: readonly AllowedState[]): string {
  return allowed.map((state) => (state === null ? "deletion" : `version ${state.version}`)).join(" or ");
}
