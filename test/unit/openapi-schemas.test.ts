import { readFileSync } from "node:fs";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, test } from "vitest";

import {
  checkEmail,
  checkFullName,
  checkUsername,
  normalizeEmail,
  normalizeFullName,
} from "../../src/models/user-rules.ts";
import { OPENAPI_FILE } from "../../tools/openapi/generate.ts";
import { NAMES } from "../support/names.ts";

interface Schemas {
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: Readonly<Record<string, object>> }>>;
  };
}

const { schemas } = (JSON.parse(readFileSync(OPENAPI_FILE, "utf8")) as Schemas).components;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Whether the documented schema of a field of a new user admits the text. */
function admits(field: string, text: string): boolean {
  return ajv.validate(schemas["CreateUser"]?.properties[field] ?? false, text);
}

const CASES = {
  username: {
    valid: ["jdoe", "JDoe42", "abc", "a".repeat(50)],
    invalid: ["", "ab", "a".repeat(51), "j doe", "j_doe", "jöhn", "jdoe\n", "jdoe\u0000", "\ud800abc", "ſam"],
  },
  email: {
    valid: [
      "jdoe@example.com",
      "J.D+tag@mail.example.co.uk",
      "a@b.c",
      `${"a".repeat(64)}@example.com`,
      "jdoe@münchen.de",
      "jdoe@例え.テスト",
    ],
    invalid: [
      "",
      "jdoe",
      "jdoe@example",
      "@example.com",
      "a..b@example.com",
      "jdoe@-example.com",
      "j@e@example.com",
      `${"a".repeat(65)}@example.com`,
      `a@${"b".repeat(60)}.${"c".repeat(40)}.com`,
      "jdoe@example.com\n",
      "jdoé@example.com",
      "jdoe@münchen",
      "jdoe@-ü.de",
      "jdoe@ü-.de",
      "jdoe@ü.de.",
      "jdoe@ü%2ede.com",
    ],
  },
  full_name: {
    valid: [
      "John Doe",
      "Anne-Marie O’Neill",
      "D'Arcy",
      "李小龍",
      "Zoë",
      "नमस्ते",
      "𐐀𐐁",
      "ä".repeat(100),
      "𐐀".repeat(100),
      "R2D2",
      ...NAMES,
    ],
    invalid: [
      "",
      " ",
      "'-",
      "...",
      "123",
      "·",
      "\u3164\uFFA0",
      "\u115F\u1160",
      "a\u0000b",
      "a\tb",
      "a".repeat(101),
      "<b>",
      "a@b",
      "`",
      "[a]",
      "{a}",
      "~",
    ],
  },
} as const;

const RULES = {
  username: checkUsername,
  email: (address: string) => checkEmail(normalizeEmail(address)),
  full_name: (name: string) => checkFullName(normalizeFullName(name)),
} as const;

describe("documented schemas", () => {
  for (const field of ["username", "email", "full_name"] as const) {
    test(`admit exactly what the rules of ${field} admit`, ({ expect }) => {
      const { valid, invalid } = CASES[field];
      const all = [...valid, ...invalid];
      expect(all.filter((text) => admits(field, text))).toEqual(valid);
      expect(all.filter((text) => RULES[field](text) === null)).toEqual(valid);
    });
  }

  test("let nothing unknown into objects", ({ expect }) => {
    for (const [name, schema] of Object.entries(schemas))
      expect(schema, name).toHaveProperty("additionalProperties", false);
  });
});
