import { describe, test } from "vitest";

import { checkHistory } from "../../../../tools/chaos/check/index.ts";
import { checkSharedUser } from "../../../../tools/chaos/check/shared-user.ts";
import type { Content, History, SharedChange, SharedRead, UserRow } from "../../../../tools/chaos/history.ts";

const row = (username: string, version = 1, fullName = "First", id = `id-of-${username}`): UserRow => ({
  username,
  id,
  email: `${username}@example.com`,
  fullName,
  version,
});

const changed = (fromVersion: number, fullName: string, endedAt = fromVersion * 10): SharedChange => ({
  fromVersion,
  fullName,
  endedAt,
  end: { kind: "acknowledged", state: row("shared", fromVersion + 1, fullName) },
});
const unknown = (fromVersion: number, fullName: string): SharedChange => ({
  fromVersion,
  fullName,
  endedAt: fromVersion * 10,
  end: { kind: "unknown" },
});
const read = (version: number, fullName: string, startedAt = 0): SharedRead => ({ version, fullName, startedAt });

const kindsOf = (
  changes: readonly SharedChange[],
  stored: UserRow | null,
  reads: readonly SharedRead[] = [],
): string[] =>
  checkSharedUser({ username: "shared", id: "id-of-shared", fullName: "First", changes, reads }, stored).map(
    ({ kind }) => kind,
  );

describe("a user that all clients change", () => {
  test.for<[string, readonly SharedChange[], UserRow, readonly SharedRead[]]>([
    ["nothing happened", [], row("shared"), [read(1, "First")]],
    ["a chain of acknowledged changes", [changed(1, "B"), changed(2, "C")], row("shared", 3, "C"), [read(2, "B", 15)]],
    ["an unknown change within the chain", [unknown(1, "B"), changed(2, "C")], row("shared", 3, "C"), [read(2, "B")]],
    ["an unknown change at the end", [changed(1, "B"), unknown(2, "C")], row("shared", 3, "C"), []],
    ["an unknown change that did not happen", [changed(1, "B"), unknown(2, "C")], row("shared", 2, "B"), []],
    ["one of two unknown changes of a version", [unknown(1, "B"), unknown(1, "C")], row("shared", 2, "C"), []],
    [
      "a refused change leaves nothing",
      [{ ...unknown(1, "B"), end: { kind: "refused", why: "precondition-failed" } }],
      row("shared"),
      [],
    ],
  ])("%s", ([, changes, stored, reads], { expect }) => {
    expect(kindsOf(changes, stored, reads)).toEqual([]);
  });

  test.for<[string, string, readonly SharedChange[], UserRow | null, readonly SharedRead[]]>([
    ["two changes of one version", "lost-update", [changed(1, "B"), changed(1, "C")], row("shared", 2, "C"), []],
    ["an overwritten change", "lost-update", [changed(1, "B")], row("shared", 2, "C"), []],
    ["the last change is gone", "lost-write", [changed(1, "B"), changed(2, "C")], row("shared", 2, "B"), []],
    ["the user is gone", "lost-write", [changed(1, "B")], null, []],
    ["a change that was done twice", "doubled-write", [changed(1, "B")], row("shared", 3, "B"), []],
    ["a read of what nobody wrote", "impossible-read", [changed(1, "B")], row("shared", 2, "B"), [read(2, "C")]],
    [
      "a read of a later version than the last",
      "impossible-read",
      [changed(1, "B")],
      row("shared", 2, "B"),
      [read(3, "C")],
    ],
    [
      "a read of an older version than acknowledged",
      "impossible-read",
      [changed(1, "B")],
      row("shared", 2, "B"),
      [read(1, "First", 11)],
    ],
  ])("%s: %s", ([, kind, changes, stored, reads], { expect }) => {
    expect(kindsOf(changes, stored, reads)).toEqual([kind]);
  });
});

describe("the database as a whole", () => {
  const history: History = {
    own: [
      {
        username: "ada",
        key: "key-ada",
        events: [
          {
            kind: "create",
            email: "ada@example.com",
            fullName: "First",
            end: { kind: "acknowledged", state: row("ada") },
          },
        ],
      },
    ],
    shared: [],
  };
  const agreeing: Content = { users: [row("ada")], keys: [{ key: "key-ada", userId: "id-of-ada" }] };
  const kinds = (content: Content): string[] => checkHistory(history, content).map(({ kind }) => kind);

  test("one that agrees", ({ expect }) => {
    expect(kinds(agreeing)).toEqual([]);
  });

  test("a user that nobody asked for", ({ expect }) => {
    expect(kinds({ ...agreeing, users: [...agreeing.users, row("eve")] })).toEqual(["phantom"]);
  });

  test("two users of one creation", ({ expect }) => {
    const twice = [row("ada"), row("ada", 1, "First", "id-2")];
    expect(kinds({ ...agreeing, users: twice })).toContain("doubled-write");
  });

  test("a key that stands for another user than its client was told", ({ expect }) => {
    expect(kinds({ ...agreeing, keys: [{ key: "key-ada", userId: "id-2" }] })).toEqual(["doubled-write"]);
  });

  test("a key with two records", ({ expect }) => {
    expect(kinds({ ...agreeing, keys: [...agreeing.keys, ...agreeing.keys] })).toEqual(["doubled-write"]);
  });

  test("a key whose record is gone", ({ expect }) => {
    expect(kinds({ ...agreeing, keys: [] })).toEqual(["lost-write"]);
  });
});
