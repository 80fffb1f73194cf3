import { readFileSync } from "node:fs";

import { beforeAll, describe, test } from "vitest";

import { ASYNCAPI_FILE } from "../../tools/asyncapi/generate.ts";
import { runSpectral, type SpectralFinding } from "../support/spectral.ts";

/** Several documents in one run, on a machine that may be busy. */
const SLOW_MS = 300_000;

const SPOILT = [
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
] as const;

describe("Spectral's rules for AsyncAPI", () => {
  let ofCommitted: readonly SpectralFinding[] | undefined;
  let ofSpoilt: readonly (readonly SpectralFinding[])[];

  beforeAll(async () => {
    const committed = readFileSync(ASYNCAPI_FILE, "utf8");
    const texts = [committed, ...SPOILT.map(([, , spoil]) => spoil(committed))];
    [ofCommitted, ...ofSpoilt] = await runSpectral(".spectral-asyncapi.yaml", texts);
  }, SLOW_MS);

  test("find nothing", ({ expect }) => {
    expect(ofCommitted).toEqual([]);
  });

  test.for(SPOILT.map(([name, rule], index) => [name, rule, index] as const))(
    "find %s",
    ([, rule, index], { expect }) => {
      expect(ofSpoilt[index]?.map(({ code }) => code)).toContain(rule);
    },
  );
});
