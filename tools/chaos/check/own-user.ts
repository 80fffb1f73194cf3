import type { OwnEvent, OwnUser, UserState } from "../history.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { applyWrite, matches, type PendingWrite, type Possibility, UNKNOWN_ID, withPending } from "./possible.ts";

/**
 * Replays what the one client of a user did against every way in which it can have gone, and ends with what the database holds. A
 * client does one thing at a time, so that their order is known; only writes without a known end leave more than one way.
 */
export function checkOwnUser({ username, events }: OwnUser, stored: UserState | null): Finding[] {
  const findings: Finding[] = [];
  const report = (kind: FindingKind, detail: string): void => void findings.push({ kind, username, detail });
  let possibilities: readonly Possibility[] = [{ row: null, pending: [] }];
  const facts = { isDeleted: false };
  for (const event of [...events, toFinalEvent(stored)]) {
    if (event.kind === "delete" && event.end.kind === "acknowledged") facts.isDeleted = true;
    if (event.kind === "replayed") {
      if (!event.isSame) report("changed-replay", "the answer to a repeated creation is not the first one");
      continue;
    }
    const next = step(possibilities, event);
    if (next.length > 0) {
      possibilities = next;
      continue;
    }
    report(classify(possibilities, event, facts), explain(possibilities, event));
    possibilities = restart(event);
  }
  return findings;
}

type StateEvent = Exclude<OwnEvent, { kind: "replayed" }>;

function toFinalEvent(stored: UserState | null): StateEvent {
  return stored === null ? { kind: "absent" } : { kind: "seen", state: stored };
}

/** What is still possible after an event; nothing when the event cannot be. */
function step(before: readonly Possibility[], event: StateEvent): readonly Possibility[] {
  switch (event.kind) {
    case "seen":
      return observe(before, event.state);
    case "absent":
      return observe(before, null);
    case "moved-on":
      return withPending(before).filter(({ row }) => row?.version !== event.fromVersion);
    case "create":
      return write(before, { kind: "create", email: event.email, fullName: event.fullName }, event.end);
    case "change":
      return write(before, { kind: "change", fields: event.fields, onlyVersion: event.onlyVersion }, event.end);
    case "delete":
      if (event.end.kind !== "acknowledged") return write(before, { kind: "delete" }, event.end);
      return withPending(before).map(({ pending }) => ({ row: null, pending }));
  }
}

/** What was seen has an id, if nobody was told of it before. */
function observe(before: readonly Possibility[], seen: UserState | null): readonly Possibility[] {
  return withPending(before)
    .filter(({ row }) => matches(row, seen))
    .map(({ row, pending }) => ({ row: row === null ? null : { ...row, id: seen?.id ?? row.id }, pending }));
}

function write(
  before: readonly Possibility[],
  pendingWrite: PendingWrite,
  end: { readonly kind: string; readonly state?: UserState },
): readonly Possibility[] {
  if (end.kind === "refused") return before;
  if (end.kind === "unknown") return before.map(({ row, pending }) => ({ row, pending: [...pending, pendingWrite] }));
  const after = withPending(before).flatMap(({ row, pending }) => {
    const next = applyWrite(row, pendingWrite);
    return next === undefined ? [] : [{ row: next, pending }];
  });
  return end.state === undefined ? after : observeNow(after, end.state);
}

/** As `observe`, of an answer: what is pending cannot have come in between a write and its own answer. */
function observeNow(after: readonly Possibility[], state: UserState): readonly Possibility[] {
  return after
    .filter(({ row }) => matches(row, state))
    .map(({ row, pending }) => ({ row: row === null ? null : { ...row, id: state.id }, pending }));
}

function seenBy(event: StateEvent): UserState | null {
  if (event.kind === "seen") return event.state;
  if (event.kind !== "create" && event.kind !== "change") return null;
  return event.end.kind === "acknowledged" ? event.end.state : null;
}

function classify(
  before: readonly Possibility[],
  event: StateEvent,
  { isDeleted }: { readonly isDeleted: boolean },
): FindingKind {
  const seen = seenBy(event);
  const rows = withPending(before).flatMap(({ row }) => (row === null ? [] : [row]));
  if (event.kind === "moved-on") return "lost-update";
  if (seen === null) return "lost-write";
  if (rows.length === 0) return isDeleted ? "resurrected-delete" : "phantom";
  if (rows.every(({ id }) => id !== seen.id && id !== UNKNOWN_ID)) return "doubled-write";
  const versions = rows.map(({ version }) => version + (event.kind === "change" ? 1 : 0));
  if (seen.version !== null && seen.version > Math.max(...versions)) return "doubled-write";
  return seen.version !== null && seen.version < Math.min(...versions) ? "lost-write" : "impossible-read";
}

function explain(before: readonly Possibility[], event: StateEvent): string {
  const rows = withPending(before).map(({ row }) => describe(row));
  const told = event.kind === "seen" || event.kind === "absent" ? "found" : `${event.kind} told`;
  const found = event.kind === "moved-on" ? "a state after that" : describe(seenBy(event));
  return `${told} ${found}; possible ${[...new Set(rows)].join(" or ")}`;
}

function describe(state: UserState | null): string {
  return state === null
    ? "nothing"
    : `version ${state.version ?? "?"} "${state.fullName}" ${state.email} (${state.id})`;
}

/** What was seen is believed from now on, so that one mistake is one finding. */
function restart(event: StateEvent): readonly Possibility[] {
  const seen = seenBy(event);
  return [{ row: seen === null ? null : { ...seen, version: seen.version ?? 1 }, pending: [] }];
}
