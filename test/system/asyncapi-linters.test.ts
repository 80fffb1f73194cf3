import { readFileSync } from "node:fs";

import { describe } from "vitest";

import { ASYNCAPI_FILE } from "../../tools/asyncapi/generate.ts";
import { testRules } from "../support/spectral.ts";

describe("Spectral's rules for AsyncAPI", () => {
  testRules(".spectral-asyncapi.yaml", readFileSync(ASYNCAPI_FILE, "utf8"), [
    [
      "a message that is not there",
      "invalid-ref",
      (text) => text.replace('"userCreated": {\n        "name"', '"userMade": {\n        "name"'),
    ],
    [
      "an action that is none",
      "asyncapi-3-document-resolved",
      (text) => text.replace('"action": "send"', '"action": "shout"'),
    ],
    ["a document without a licence", "asyncapi-info-license", (text) => text.replace(/"license": \{[^}]*\},/, "")],
  ]);
});
