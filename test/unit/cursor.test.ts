import { createHmac } from "node:crypto";

import { describe, test } from "vitest";

import { createCursorCodec } from "../../src/http/users/cursor.ts";
import type { PagePosition } from "../../src/models/page.ts";
import { refusalOf } from "../support/refusals.ts";

const SECRET = "a secret of the tests";
const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Times of 9, 12, 13 and 14 digits: their cursors end with all three kinds of base64 remainder. */
const POSITIONS: readonly PagePosition[] = [123_456_789, 987_654_321_012, 1_772_366_400_123, 10_000_000_000_000].map(
  (time) => ({ createdAt: new Date(time), id: ID }),
);

const cursors = createCursorCodec({ secret: SECRET });
const codeFor = async (cursor: string) => (await refusalOf(cursors.decode(cursor))).code;

/** A cursor as only the holder of the secret can make it, for texts that `encode` would not sign. */
function sign(payload: string, { secret = SECRET, format = "users.v1", bytes = 16 } = {}): string {
  const mac = createHmac("sha256", secret).update(`${format}\n${payload}`).digest().subarray(0, bytes);
  return Buffer.concat([mac, Buffer.from(payload)]).toString("base64url");
}

describe("a cursor", () => {
  test.for(POSITIONS)("of %o leads back to its position", async (position, { expect }) => {
    expect(await cursors.decode(await cursors.encode(position))).toEqual(position);
  });

  test("keeps the milliseconds, also of the epoch", async ({ expect }) => {
    for (const time of [0, 1, 999, 253_402_300_799_999]) {
      const position = { createdAt: new Date(time), id: ID };
      expect(await cursors.decode(await cursors.encode(position))).toEqual(position);
    }
  });

  test("fits a URL unescaped and the documented 256 characters", async ({ expect }) => {
    for (const position of POSITIONS) {
      const cursor = await cursors.encode(position);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
      expect(encodeURIComponent(cursor)).toBe(cursor);
    }
  });

  test("is the same from every isolate, so that any of them continues the walk", async ({ expect }) => {
    const other = createCursorCodec({ secret: SECRET });
    for (const position of POSITIONS) {
      const cursor = await cursors.encode(position);
      expect(await other.encode(position)).toBe(cursor);
      expect(await other.decode(cursor)).toEqual(position);
    }
  });

  test("given out by the first release is still accepted: two versions share the traffic during a rollout", async ({
    expect,
  }) => {
    const createdAt = new Date(1_772_366_400_123);
    expect(await cursors.decode(sign(`1772366400123.${ID}`))).toEqual({ createdAt, id: ID });
  });

  test("works in many first uses at the same time", async ({ expect }) => {
    const fresh = createCursorCodec({ secret: SECRET });
    const walks = POSITIONS.map(async (position) => await fresh.decode(await fresh.encode(position)));
    expect(await Promise.all(walks)).toEqual(POSITIONS);
  });
});

describe("a tampered cursor", () => {
  test.for(POSITIONS)("with any one character of %o changed is refused", async (position, { expect }) => {
    const cursor = await cursors.encode(position);
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
      const cursor = await cursors.encode(position);
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
      expect(await codeFor(change(await cursors.encode(position)))).toBe("invalid-cursor");
  });

  test("in the other base64 alphabet is refused, although it is the same bytes", async ({ expect }) => {
    const texts = await Promise.all(
      Array.from({ length: 40 }, (_, time) => cursors.encode({ createdAt: new Date(time), id: ID })),
    );
    const standard = texts
      .filter((text) => /[-_]/.test(text))
      .map((text) => text.replaceAll("-", "+").replaceAll("_", "/"));
    expect(standard.length).toBeGreaterThan(0);
    for (const text of standard) expect(await codeFor(text)).toBe("invalid-cursor");
  });

  test.for(["A".repeat(10_000), "A".repeat(257), "=".repeat(10_000), "-", "A", "null", "undefined", "[object Object]"])(
    "that is no cursor at all (%s) is refused at once",
    async (text, { expect }) => {
      const startedAt = performance.now();
      expect(await codeFor(text)).toBe("invalid-cursor");
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    },
  );
});

describe("a forged cursor", () => {
  test("signed with another secret is refused, in both directions", async ({ expect }) => {
    const [position] = POSITIONS;
    const others = createCursorCodec({ secret: `${SECRET}.` });
    if (position === undefined) throw new Error("no position");
    expect(await codeFor(await others.encode(position))).toBe("invalid-cursor");
    expect((await refusalOf(others.decode(await cursors.encode(position)))).code).toBe("invalid-cursor");
  });

  test("that is not signed, or signed for another place or format, is refused", async ({ expect }) => {
    const payload = `1772366400123.${ID}`;
    const mac = Buffer.from(sign(payload), "base64url").subarray(0, 16);
    const forged = [
      Buffer.from(payload).toString("base64url"),
      Buffer.concat([Buffer.alloc(16), Buffer.from(payload)]).toString("base64url"),
      Buffer.concat([mac, Buffer.from(`1772366400124.${ID}`)]).toString("base64url"),
      sign(payload, { format: "users.v0" }),
      sign(payload, { format: "" }),
      sign(payload, { bytes: 15 }),
      sign(payload, { bytes: 17 }),
      sign(payload, { bytes: 32 }),
    ];
    for (const cursor of forged) expect(await codeFor(cursor)).toBe("invalid-cursor");
  });

  test.for([
    `.${ID}`,
    `-1.${ID}`,
    `1e3.${ID}`,
    `NaN.${ID}`,
    `9999999999999999.${ID}`,
    `1772366400123.${ID.toUpperCase()}`,
    `1772366400123.${ID}0`,
    `1772366400123.${ID} or true`,
    "1772366400123.",
    "1772366400123",
    "",
  ])("with the payload %j is refused even if its signature is right", async (payload, { expect }) => {
    expect(await codeFor(sign(payload))).toBe("invalid-cursor");
  });
});
