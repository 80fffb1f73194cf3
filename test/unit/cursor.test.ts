import { createHmac } from "node:crypto";

import { describe, test } from "vitest";

import { createCursorCodec, type CursorScope } from "../../src/http/users/cursor.ts";
import type { PagePosition } from "../../src/models/page.ts";
import { NO_FILTER, USER_SORTS } from "../../src/models/user-list.ts";
import { refusalOf } from "../support/refusals.ts";
import { expectLittleWork } from "../support/work.ts";

const SECRET = "a secret of the tests";
const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A time and usernames of 3, 4, 5 and 50 letters: their cursors end with all three kinds of base64 remainder. */
const POSITIONS: readonly PagePosition[] = ["2026-03-01T12:00:00.123Z", "abc", "abcd", "a1b2c", "z".repeat(50)].map(
  (key) => ({ key, id: ID }),
);

const SCOPE: CursorScope = { sort: "-created_at", filter: NO_FILTER };

const cursors = createCursorCodec({ secret: SECRET });
const codeFor = async (cursor: string) => (await refusalOf(cursors.decode(cursor, SCOPE))).code;

const SCOPE_TEXT = '["-created_at",null,null,null,null]';

/** A cursor as only the holder of the secret can make it, for texts that `encode` would not sign. */
function sign(payload: string, { secret = SECRET, format = "users.v2", scope = SCOPE_TEXT, bytes = 16 } = {}): string {
  const mac = createHmac("sha256", secret).update(`${format}\n${scope}\n${payload}`).digest().subarray(0, bytes);
  return Buffer.concat([mac, Buffer.from(payload)]).toString("base64url");
}

describe("a cursor", () => {
  test.for(POSITIONS)("of %o leads back to its position", async (position, { expect }) => {
    expect(await cursors.decode(await cursors.encode(position, SCOPE), SCOPE)).toEqual(position);
  });

  test("keeps the milliseconds, also of the epoch", async ({ expect }) => {
    for (const time of [0, 1, 999, 253_402_300_799_999]) {
      const position = { key: new Date(time).toISOString(), id: ID };
      expect(await cursors.decode(await cursors.encode(position, SCOPE), SCOPE)).toEqual(position);
    }
  });

  test("fits a URL unescaped and the documented 256 characters", async ({ expect }) => {
    for (const position of POSITIONS) {
      const cursor = await cursors.encode(position, SCOPE);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
      expect(encodeURIComponent(cursor)).toBe(cursor);
    }
  });

  test("is the same from every isolate, so that any of them continues the walk", async ({ expect }) => {
    const other = createCursorCodec({ secret: SECRET });
    for (const position of POSITIONS) {
      const cursor = await cursors.encode(position, SCOPE);
      expect(await other.encode(position, SCOPE)).toBe(cursor);
      expect(await other.decode(cursor, SCOPE)).toEqual(position);
    }
  });

  test("has the layout that it says: another version of the service, during a rollout, reads it the same way", async ({
    expect,
  }) => {
    const position = { key: "2026-03-01T12:00:00.123Z", id: ID };
    expect(await cursors.encode(position, SCOPE)).toBe(sign(`2026-03-01T12:00:00.123Z|${ID}`));
    expect(await cursors.decode(sign(`ada1815|${ID}`), SCOPE)).toEqual({ key: "ada1815", id: ID });
  });

  test("works in many first uses at the same time", async ({ expect }) => {
    const fresh = createCursorCodec({ secret: SECRET });
    const walks = POSITIONS.map(async (position) => await fresh.decode(await fresh.encode(position, SCOPE), SCOPE));
    expect(await Promise.all(walks)).toEqual(POSITIONS);
  });
});

describe("a tampered cursor", () => {
  test.for(POSITIONS)("with any one character of %o changed is refused", async (position, { expect }) => {
    const cursor = await cursors.encode(position, SCOPE);
    const changed = cursor.split("").flatMap((current, place) =>
      ALPHABET.split("")
        .filter((character) => character !== current)
        .map((character) => cursor.slice(0, place) + character + cursor.slice(place + 1)),
    );
    const codes = new Set(await Promise.all(changed.map(codeFor)));
    expect(changed).toHaveLength(cursor.length * 63);
    expect([...codes]).toEqual(["invalid-cursor"]);
  });

  test("with any one character left out, doubled or moved is refused", async ({ expect }) => {
    for (const position of POSITIONS) {
      const cursor = await cursors.encode(position, SCOPE);
      const changed = cursor.split("").flatMap((character, place) => {
        const [before, after] = [cursor.slice(0, place), cursor.slice(place + 1)];
        return [before + after, before + character + character + after, after + character + before];
      });
      const different = changed.filter((text) => text !== cursor);
      const codes = new Set(await Promise.all(different.map(codeFor)));
      expect([...codes]).toEqual(["invalid-cursor"]);
    }
  });

  test.for<[string, (cursor: string) => string]>([
    ["emptied", () => ""],
    ["padded", (cursor) => `${cursor}=`],
    ["padded twice", (cursor) => `${cursor}==`],
    ["followed by a character", (cursor) => `${cursor}A`],
    ["followed by a space", (cursor) => `${cursor} `],
    ["followed by a newline", (cursor) => `${cursor}\n`],
    ["preceded by a space", (cursor) => ` ${cursor}`],
    ["broken by a newline", (cursor) => `${cursor.slice(0, 8)}\n${cursor.slice(8)}`],
    ["percent-encoded", (cursor) => `%41${cursor}`],
    ["in upper case", (cursor) => cursor.toUpperCase()],
    ["doubled", (cursor) => cursor + cursor],
    ["of its signature only", (cursor) => cursor.slice(0, 22)],
    ["with a NUL", (cursor) => `${cursor}\u0000`],
    ["with a character beyond ASCII", (cursor) => `${cursor}\u00e9`],
    ["with a lone surrogate", (cursor) => `${cursor}\ud800`],
  ])("%s is refused", async ([, change], { expect }) => {
    for (const position of POSITIONS)
      expect(await codeFor(change(await cursors.encode(position, SCOPE)))).toBe("invalid-cursor");
  });

  test("in the other base64 alphabet is refused, although it is the same bytes", async ({ expect }) => {
    const texts = await Promise.all(
      Array.from({ length: 40 }, (_, time) => cursors.encode({ key: new Date(time).toISOString(), id: ID }, SCOPE)),
    );
    const standard = texts
      .filter((text) => /[-_]/.test(text))
      .map((text) => text.replaceAll("-", "+").replaceAll("_", "/"));
    expect(standard.length).toBeGreaterThan(0);
    for (const text of standard) expect(await codeFor(text)).toBe("invalid-cursor");
  });

  test.for(["A".repeat(10_000), "A".repeat(257), "=".repeat(10_000), "-", "A", "null", "undefined", "[object Object]"])(
    "that is no cursor at all (%s) is refused with little work",
    async (text, { expect }) => {
      await expectLittleWork(expect, async () => expect(await codeFor(text)).toBe("invalid-cursor"));
    },
  );
});

describe("a forged cursor", () => {
  test("signed with another secret is refused, in both directions", async ({ expect }) => {
    const [position] = POSITIONS;
    const others = createCursorCodec({ secret: `${SECRET}.` });
    if (position === undefined) throw new Error("no position");
    expect(await codeFor(await others.encode(position, SCOPE))).toBe("invalid-cursor");
    expect((await refusalOf(others.decode(await cursors.encode(position, SCOPE), SCOPE))).code).toBe("invalid-cursor");
  });

  test("that is not signed, or signed for another place or format, is refused", async ({ expect }) => {
    const payload = `2026-03-01T12:00:00.123Z|${ID}`;
    const mac = Buffer.from(sign(payload), "base64url").subarray(0, 16);
    const forged = [
      Buffer.from(payload).toString("base64url"),
      Buffer.concat([Buffer.alloc(16), Buffer.from(payload)]).toString("base64url"),
      Buffer.concat([mac, Buffer.from(`2026-03-01T12:00:00.124Z|${ID}`)]).toString("base64url"),
      sign(payload, { format: "users.v1" }),
      sign(payload, { format: "" }),
      sign(payload, { bytes: 15 }),
      sign(payload, { bytes: 17 }),
      sign(payload, { bytes: 32 }),
    ];
    for (const cursor of forged) expect(await codeFor(cursor)).toBe("invalid-cursor");
  });

  test.for([
    `|${ID}`,
    `ab|${ID}`,
    `${"a".repeat(51)}|${ID}`,
    `Ada|${ID}`,
    `ad a|${ID}`,
    `adá|${ID}`,
    `-ada|${ID}`,
    `1772366400123.${ID}`,
    `2026-03-01T12:00:00Z|${ID}`,
    `2026-03-01T12:00:00.123456Z|${ID}`,
    `2026-03-01T12:00:00.123+|${ID}`,
    `ada1815|${ID.toUpperCase()}`,
    `ada1815|${ID}0`,
    `ada1815|${ID} or true`,
    `ada1815|${ID}\n`,
    `\nada1815|${ID}`,
    `ada1815||${ID}`,
    "ada1815|",
    "ada1815",
    "",
  ])("with the payload %j is refused even if its signature is right", async (payload, { expect }) => {
    expect(await codeFor(sign(payload))).toBe("invalid-cursor");
  });
});

describe("a cursor belongs to one list", () => {
  const [position = { key: "", id: "" }] = POSITIONS;
  const filter = (parts: Partial<CursorScope["filter"]>): CursorScope => ({
    ...SCOPE,
    filter: { ...NO_FILTER, ...parts },
  });
  const [early, late] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T00:00:00.001Z")];
  const LISTS: readonly CursorScope[] = [
    ...USER_SORTS.map((sort) => ({ ...SCOPE, sort })),
    ...["a", "ab", "null"].map((usernamePrefix) => filter({ usernamePrefix })),
    ...["a@b.io", "a"].map((email) => filter({ email })),
    ...[early, late].flatMap((time) => [filter({ createdAfter: time }), filter({ createdBefore: time })]),
    filter({ createdAfter: early, createdBefore: late }),
    filter({ createdAfter: late, createdBefore: early }),
    filter({ usernamePrefix: "a", email: "a" }),
  ];

  test("and is refused by every other one, whatever differs", async ({ expect }) => {
    for (const made of LISTS) {
      const cursor = await cursors.encode(position, made);
      const outcomes = await Promise.all(
        LISTS.map((used) =>
          cursors.decode(cursor, used).then(
            () => used,
            () => "refused",
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome !== "refused")).toEqual([made]);
    }
  });

  test("which is the same for equal conditions that were made separately", async ({ expect }) => {
    const cursor = await cursors.encode(position, filter({ createdAfter: early, usernamePrefix: "a" }));
    const again = filter({ usernamePrefix: "a", createdAfter: new Date(early) });
    expect(await cursors.decode(cursor, again)).toEqual(position);
  });
});
