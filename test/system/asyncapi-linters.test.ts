import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { ASYNCAPI_FILE } from "../../tools/asyncapi/generate.ts";
import { runSpectral } from "../support/spectral.ts";

/** What Spectral finds in the document, spoilt or not. */
async function lint(spoil: (text: string) => string = (text) => text): Promise<readonly string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "asyncapi-linters-"));
  try {
    const file = path.join(folder, "asyncapi.json");
    writeFileSync(file, spoil(readFileSync(ASYNCAPI_FILE, "utf8")));
    return (await runSpectral(".spectral-asyncapi.yaml", file)).map(({ code }) => code);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("Spectral's rules for AsyncAPI", () => {
  test("find nothing", async ({ expect }) => {
    expect(await lint()).toEqual([]);
  });

  test.for([
    [
      "a message that is not there",
      "invalid-ref",
      (text: string) => text.replace('"userCreated": {\n        "name"', '"userMade": {\n        "name"'),
    ],
    [
      "an action that is none",
      "asyncapi-3-document-resolved",
      (text: string) => text.replace('"action": "send"', '"action": "shout"'),
    ],
    [
      "a document without a licence",
      "asyncapi-info-license",
      (text: string) => text.replace(/"license": \{[^}]*\},/, ""),
    ],
  ] as const)("find %s", async ([, rule, spoil], { expect }) => {
    expect(await lint(spoil)).toContain(rule);
  });
});
