import { describe, test } from "vitest";

import { checkOwnUser } from "../../../../tools/chaos/check/own-user.ts";
import type { Fields, OwnEvent, UserState, WriteEnd } from "../../../../tools/chaos/history.ts";

const at = (version: number, fullName = "First", id = "id-1"): UserState => ({
  id,
  email: "ada@example.com",
  fullName,
  version,
});
const told = (state: UserState): WriteEnd => ({ kind: "acknowledged", state });
const UNKNOWN = { kind: "unknown" } as const;
const REFUSED = { kind: "refused", why: "database-unavailable" } as const;

const create = (end: WriteEnd = told(at(1))): OwnEvent => ({
  kind: "create",
  email: "ada@example.com",
  fullName: "First",
  end,
});
const change = (fullName: string, end: WriteEnd, onlyVersion: number | null = null): OwnEvent => {
  const fields: Fields = { fullName };
  return { kind: "change", fields, onlyVersion, end };
};
const seen = (state: UserState): OwnEvent => ({ kind: "seen", state });
const ABSENT: OwnEvent = { kind: "absent" };
const DELETED: OwnEvent = { kind: "delete", end: { kind: "acknowledged" } };

const kinds = (events: readonly OwnEvent[], stored: UserState | null): string[] =>
  checkOwnUser({ username: "ada", key: null, events }, stored).map(({ kind }) => kind);

describe("histories that agree with the database", () => {
  test.for<[string, readonly OwnEvent[], UserState | null]>([
    ["what was acknowledged is there", [create(), change("Second", told(at(2, "Second")))], at(2, "Second")],
    ["an unknown creation that happened", [create(UNKNOWN)], at(1)],
    ["an unknown creation that did not", [create(UNKNOWN)], null],
    [
      "an unknown creation that is seen later",
      [create(UNKNOWN), ABSENT, seen(at(1)), change("B", told(at(2, "B")))],
      at(2, "B"),
    ],
    ["a refused creation that is not there", [create(REFUSED)], null],
    ["an unknown change that happened", [create(), change("Second", UNKNOWN)], at(2, "Second")],
    ["an unknown change that did not", [create(), change("Second", UNKNOWN)], at(1)],
    [
      "an unknown change that happens late",
      [create(), change("Second", UNKNOWN), seen(at(1)), seen(at(2, "Second"))],
      at(2, "Second"),
    ],
    ["an unknown deletion, either way", [create(), { kind: "delete", end: UNKNOWN }], at(1)],
    ["an acknowledged deletion", [create(), seen(at(1)), DELETED, ABSENT], null],
    ["a list shows no version", [create(), seen({ ...at(1), version: null })], at(1)],
    [
      "a repeated conditional change is refused because an earlier attempt happened",
      [create(), change("Second", UNKNOWN, 1), { kind: "moved-on", fromVersion: 1 }, seen(at(2, "Second"))],
      at(2, "Second"),
    ],
    [
      "a repeated conditional change happens, the earlier attempt cannot any more",
      [create(), change("Second", UNKNOWN, 1), change("Second", told(at(2, "Second")), 1)],
      at(2, "Second"),
    ],
    ["two unknown changes in any order", [create(), change("B", UNKNOWN), change("C", UNKNOWN)], at(3, "B")],
  ])("%s", ([, events, stored], { expect }) => {
    expect(kinds(events, stored)).toEqual([]);
  });
});

describe("planted mistakes, each found once and by its name", () => {
  test.for<[string, string, readonly OwnEvent[], UserState | null]>([
    ["a lost creation", "lost-write", [create()], null],
    ["a lost change", "lost-write", [create(), change("Second", told(at(2, "Second")))], at(1)],
    ["a user that is away for a moment", "lost-write", [create(), ABSENT, seen(at(1))].slice(0, 2), null],
    [
      "a change that was done twice",
      "doubled-write",
      [create(), change("Second", told(at(3, "Second")))],
      at(3, "Second"),
    ],
    [
      "a change that is done again later",
      "doubled-write",
      [create(), change("Second", told(at(2, "Second")))],
      at(3, "Second"),
    ],
    ["another user of the same creation", "doubled-write", [create()], at(1, "First", "id-2")],
    ["a deleted user is back", "resurrected-delete", [create(), DELETED], at(1)],
    ["a deleted user is read", "resurrected-delete", [create(), DELETED, seen(at(1)), DELETED], null],
    ["a refused creation is there", "phantom", [create(REFUSED)], at(1)],
    ["a refused change happened", "doubled-write", [create(), change("Second", REFUSED)], at(2, "Second")],
    [
      "a conditional change that happened on another version",
      "doubled-write",
      [create(), change("B", told(at(2, "B"))), change("C", UNKNOWN, 1)],
      at(3, "C"),
    ],
    [
      "a condition that failed although nobody changed anything",
      "lost-update",
      [create(), { kind: "moved-on", fromVersion: 1 }],
      null,
    ],
    ["a state that nobody wrote", "impossible-read", [create(), seen(at(1, "Other"))], at(1, "Other")],
    [
      "a state that is older than the acknowledged one",
      "lost-write",
      [create(), change("B", told(at(2, "B"))), seen(at(1)), seen(at(1))],
      at(1),
    ],
    [
      "an unknown change that happened and is gone again",
      "lost-write",
      [create(), change("B", UNKNOWN), seen(at(2, "B"))],
      at(1),
    ],
    [
      "a repeated creation with another answer",
      "changed-replay",
      [create(), { kind: "replayed", isSame: false }],
      at(1),
    ],
  ])("%s: %s", ([, kind, events, stored], { expect }) => {
    expect(kinds(events, stored)).toEqual([kind]);
  });

  test("the finding says what was found and what was possible", ({ expect }) => {
    const [finding] = checkOwnUser({ username: "ada", key: null, events: [create()] }, null);
    expect(finding).toEqual({
      kind: "lost-write",
      username: "ada",
      detail: 'found nothing; possible version 1 "First" ada@example.com (id-1)',
    });
  });
});
