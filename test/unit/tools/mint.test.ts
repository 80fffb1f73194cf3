import { createHash } from "node:crypto";

import { describe, test } from "vitest";

import { SCOPES } from "../../../src/models/principal.ts";
import { formatMintedKey, MintError, mintKey, parseMintOptions } from "../../../tools/keys/api-key.ts";

describe("minting an API key", () => {
  test("When a key is minted, then its entry holds the digest of the key and not the key", ({ expect }) => {
    const { key, entry } = mintKey({ id: "ci", scopes: ["users:read"] });
    expect(key).toMatch(/^uk_[A-Za-z0-9_-]{43}$/);
    expect(entry).toEqual({ id: "ci", sha256: createHash("sha256").update(key).digest("hex"), scopes: ["users:read"] });
    expect(JSON.stringify(entry)).not.toContain(key);
  });

  test("When two keys are minted, then they differ, and each has 256 random bits", ({ expect }) => {
    const sizes: number[] = [];
    mintKey({ id: "a", scopes: [] }, (size) => Buffer.alloc(sizes.push(size) && size));
    expect(sizes).toEqual([32]);
    expect(mintKey({ id: "a", scopes: [] }).key).not.toBe(mintKey({ id: "a", scopes: [] }).key);
  });

  test("Given no scopes, then the key has all of them; a list is cleaned up", ({ expect }) => {
    expect(parseMintOptions(["--id", "ci"])).toEqual({ id: "ci", scopes: SCOPES });
    expect(parseMintOptions(["--id", "ci", "--scopes", "users:write, users:write"])).toEqual({
      id: "ci",
      scopes: ["users:write"],
    });
    expect(parseMintOptions(["--help"])).toBeNull();
  });

  test.for([[[]], [["--id", ""]], [["--id", "a b"]], [["--id", "x".repeat(65)]], [["--id", "ci", "--scopes", ""]]] as [
    string[],
  ][])("Given the bad arguments %j, then it is refused", ([args], { expect }) => {
    expect(() => parseMintOptions(args)).toThrow(MintError);
  });

  test("Given an unknown scope or flag, then the error names it", ({ expect }) => {
    expect(() => parseMintOptions(["--id", "ci", "--scopes", "users:delete"])).toThrow(/users:delete/);
    expect(() => parseMintOptions(["--id", "ci", "--scope", "users:read"])).toThrow(/--scope/);
  });

  test("The printed text shows the key once and an entry that can be pasted", ({ expect }) => {
    const minted = mintKey({ id: "ci", scopes: ["users:read"] });
    const text = formatMintedKey(minted);
    expect(text.split(minted.key)).toHaveLength(2);
    expect(text).toContain("npx wrangler versions secret put API_KEYS");
    expect(text).not.toContain("wrangler secret put");
    expect(text).toContain(`\n  ${JSON.stringify(minted.entry)}\n`);
  });
});
