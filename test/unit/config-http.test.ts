import { describe, test } from "vitest";

import { ConfigError, parseConfig } from "../../src/config.ts";

const DATABASE_URL = "postgresql://u:p@h/d";
const TOKENS = { JWKS_URL: "https://id.example/keys", JWT_ISSUER: "https://id.example/", JWT_AUDIENCE: "users-api" };

const parse = (bindings: Readonly<Record<string, unknown>>) => parseConfig({ DATABASE_URL, ...bindings });
const messageFor = (bindings: Readonly<Record<string, unknown>>): string => {
  try {
    parse(bindings);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

describe("CORS_ORIGINS", () => {
  test.for<[string, readonly string[] | "*"]>([
    ["*", "*"],
    ["https://app.example", ["https://app.example"]],
    ["http://localhost:5173", ["http://localhost:5173"]],
    ["https://127.0.0.1:8443", ["https://127.0.0.1:8443"]],
    ["http://[::1]:8080", ["http://[::1]:8080"]],
    ["https://xn--bcher-kva.example", ["https://xn--bcher-kva.example"]],
    ["https://a.example,https://b.example", ["https://a.example", "https://b.example"]],
    [" https://a.example ,\thttps://b.example ", ["https://a.example", "https://b.example"]],
  ])("%j is read", ([text, origins], { expect }) => {
    expect(parse({ CORS_ORIGINS: text }).corsOrigins).toEqual(origins);
  });

  test("is closed when it is absent or empty", ({ expect }) => {
    expect(parse({}).corsOrigins).toBeNull();
    expect(parse({ CORS_ORIGINS: "" }).corsOrigins).toBeNull();
  });

  test.for([
    " ",
    ",",
    "null",
    " * ",
    "**",
    "*.example",
    "https://",
    "https://*",
    "app.example",
    "//app.example",
    "https://bücher.example",
    "https://a.example#",
    "https://a.example:0443",
  ])("%j is refused", (text, { expect }) => {
    expect(messageFor({ CORS_ORIGINS: text })).toMatch(/^Invalid configuration: CORS_ORIGINS must be origins/);
  });
});

describe("CALLER_RATE_LIMIT", () => {
  test.for([
    ["1", 1],
    ["600", 600],
    ["999999999", 999_999_999],
  ] as const)("may be %s", ([text, limit], { expect }) => {
    expect(parse({ CALLER_RATE_LIMIT: text }).callerRateLimit).toBe(limit);
  });

  test.for(["0", "-1", "+1", "01", "1.5", "1e3", "0x10", " 1", "1 ", "1000000000", "Infinity", "NaN", "\u0661"])(
    "%j is refused",
    (text, { expect }) => {
      expect(messageFor({ CALLER_RATE_LIMIT: text })).toContain("CALLER_RATE_LIMIT must be a whole number");
    },
  );
});

describe("REQUIRE_IF_MATCH", () => {
  test("is false unless it says otherwise", ({ expect }) => {
    const values = [undefined, "", "false", "true"].map((value) => parse({ REQUIRE_IF_MATCH: value }).requireIfMatch);
    expect(values).toEqual([false, false, false, true]);
  });

  test.for(["TRUE", "True", "1", "yes", "on", " true", "0", "null"])("%j is refused", (text, { expect }) => {
    expect(messageFor({ REQUIRE_IF_MATCH: text })).toContain("REQUIRE_IF_MATCH must be true or false");
  });
});

describe.for(["development", "staging", "production"])("bearer tokens in %s", (ENVIRONMENT) => {
  const names = Object.keys(TOKENS);
  const SUBSETS = [1, 2, 3, 4, 5, 6].map((bits) => names.filter((_, place) => (bits & (1 << place)) !== 0));

  test("need all of their variables", ({ expect }) => {
    expect(parse({ ENVIRONMENT, API_KEY: "k", ...TOKENS }).tokens).toEqual({
      jwksUrl: TOKENS.JWKS_URL,
      issuer: TOKENS.JWT_ISSUER,
      audience: TOKENS.JWT_AUDIENCE,
    });
    expect(parse({ ENVIRONMENT, API_KEY: "k" }).tokens).toBeNull();
  });

  test.for(SUBSETS)("cannot be configured by %j alone: what is missing is named", (given, { expect }) => {
    const some = Object.fromEntries(Object.entries(TOKENS).filter(([name]) => given.includes(name)));
    const message = messageFor({ ENVIRONMENT, API_KEY: "k", ...some });
    const missing = [...message.matchAll(/(\w+) is missing; bearer tokens need/g)].map(([, name]) => name);
    expect(missing).toEqual(names.filter((name) => !given.includes(name)));
    const emptied = Object.fromEntries(
      names.map((name) => [name, given.includes(name) ? Reflect.get(TOKENS, name) : ""]),
    );
    expect(messageFor({ ENVIRONMENT, API_KEY: "k", ...emptied })).toBe(message);
  });
});
