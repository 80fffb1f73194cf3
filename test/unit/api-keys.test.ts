import { createHash } from "node:crypto";

import { describe, test } from "vitest";

import { createApiKeyVerifier, type ApiKeyEntry } from "../../src/auth/api-keys.ts";
import { SCOPES } from "../../src/models/principal.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const entryOf = (key: string, overrides: Partial<ApiKeyEntry> = {}): ApiKeyEntry => ({
  id: "mobile",
  sha256: sha256(key),
  scopes: ["users:read"],
  ...overrides,
});

const PLAIN = { id: "api-key", scopes: SCOPES };

describe("a plain key", () => {
  test("admits whoever presents it, with all scopes", async ({ expect }) => {
    const { verify } = createApiKeyVerifier({ plainKey: "open-sesame", entries: [] });
    expect(await verify("open-sesame")).toEqual(PLAIN);
    expect(await verify("open-sesame")).toEqual(PLAIN);
  });

  test.for([
    "",
    "o",
    "open-sesam",
    "open-sesamf",
    "open-sesamee",
    "Open-Sesame",
    " open-sesame",
    "open-sesame ",
    "open-sesame\u0000",
    "open-sesame\n",
    "\u043epen-sesame",
    sha256("open-sesame"),
    "x".repeat(100_000),
    "\ud800",
  ])("admits nobody who presents %j", async (presented, { expect }) => {
    const { verify } = createApiKeyVerifier({ plainKey: "open-sesame", entries: [] });
    expect(await verify(presented)).toBeNull();
  });

  test("admits its holder also among many first requests at the same time, and nobody else", async ({ expect }) => {
    const { verify } = createApiKeyVerifier({ plainKey: "open-sesame", entries: [entryOf("hashed")] });
    const presented = Array.from({ length: 60 }, (_, place) => ["open-sesame", "wrong", "hashed"][place % 3] ?? "");
    const admitted = await Promise.all(presented.map(async (key) => (await verify(key))?.id ?? null));
    expect(admitted).toEqual(presented.map((key) => ({ "open-sesame": "api-key", hashed: "mobile" })[key] ?? null));
  });
});

describe("hashed keys", () => {
  test("admit each holder under its own id and scopes", async ({ expect }) => {
    const { verify } = createApiKeyVerifier({
      plainKey: null,
      entries: [
        entryOf("first"),
        entryOf("second", { id: "backoffice", scopes: ["users:read", "users:write"] }),
        entryOf("third", { id: "importer", scopes: ["users:write"] }),
      ],
    });
    expect(await verify("first")).toEqual({ id: "mobile", scopes: ["users:read"] });
    expect(await verify("second")).toEqual({ id: "backoffice", scopes: ["users:read", "users:write"] });
    expect(await verify("third")).toEqual({ id: "importer", scopes: ["users:write"] });
  });

  test("may be written in upper or lower case", async ({ expect }) => {
    const upper = entryOf("secret", { sha256: sha256("secret").toUpperCase() });
    expect(await createApiKeyVerifier({ plainKey: null, entries: [upper] }).verify("secret")).toMatchObject({
      id: "mobile",
    });
  });

  test.for(["", "secre", "secrets", "SECRET", sha256("secret"), sha256("secret").toUpperCase()])(
    "admit nobody who presents %j",
    async (presented, { expect }) => {
      const { verify } = createApiKeyVerifier({ plainKey: null, entries: [entryOf("secret")] });
      expect(await verify(presented)).toBeNull();
    },
  );

  test("that differ in any single byte of the digest admit nobody", async ({ expect }) => {
    const digest = Buffer.from(sha256("secret"), "hex");
    const almost = Array.from(digest, (byte, place) => {
      const changed = Buffer.from(digest);
      changed[place] = byte ^ 1;
      return entryOf("", { id: `byte${place}`, sha256: changed.toString("hex") });
    });
    expect(almost).toHaveLength(32);
    expect(await createApiKeyVerifier({ plainKey: null, entries: almost }).verify("secret")).toBeNull();
  });

  test.for([
    ["empty", ""],
    ["one byte", sha256("secret").slice(0, 2)],
    ["one byte short", sha256("secret").slice(0, 62)],
    ["one byte long", `${sha256("secret")}00`],
    ["two digests long", sha256("secret").repeat(2)],
  ])("with a digest that is %s admit nobody", async ([, digest = ""], { expect }) => {
    const { verify } = createApiKeyVerifier({ plainKey: null, entries: [entryOf("", { sha256: digest })] });
    expect(await verify("secret")).toBeNull();
    expect(await verify("")).toBeNull();
  });

  test("compare keys beyond ASCII exactly as they were written", async ({ expect }) => {
    const { verify } = createApiKeyVerifier({ plainKey: null, entries: [entryOf("cl\u00e9-\u{1F511}")] });
    expect(await verify("cl\u00e9-\u{1F511}")).toMatchObject({ id: "mobile" });
    expect(await verify("cle\u0301-\u{1F511}")).toBeNull();
    expect(await verify("cl\u00c9-\u{1F511}")).toBeNull();
  });
});

test("a plain key and hashed keys are accepted side by side, so that keys rotate without downtime", async ({
  expect,
}) => {
  const { verify } = createApiKeyVerifier({ plainKey: "old", entries: [entryOf("new", { id: "next" })] });
  expect(await verify("old")).toEqual(PLAIN);
  expect(await verify("new")).toEqual({ id: "next", scopes: ["users:read"] });
  expect(await verify("oldnew")).toBeNull();
});

test("an empty entry list without a plain key admits nobody", async ({ expect }) => {
  const { verify } = createApiKeyVerifier({ plainKey: null, entries: [] });
  for (const presented of ["", "null", "undefined", "x"]) expect(await verify(presented)).toBeNull();
});

test("a principal carries no part of the key", async ({ expect }) => {
  const { verify } = createApiKeyVerifier({ plainKey: "sesame-plain", entries: [entryOf("sesame-hashed")] });
  for (const key of ["sesame-plain", "sesame-hashed"]) {
    const principal = JSON.stringify(await verify(key));
    expect(principal).toContain('"id"');
    expect(principal).not.toContain("sesame");
    expect(principal).not.toContain(sha256(key).slice(0, 8));
  }
});
