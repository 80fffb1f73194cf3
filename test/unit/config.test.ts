import { describe, test } from "vitest";

import { CONFIG_VARIABLES, ConfigError, parseConfig, type Config } from "../../src/config.ts";
import { textsOf } from "../support/refusals.ts";

type Variable = (typeof CONFIG_VARIABLES)[number];
type Bindings = Readonly<Record<string, unknown>>;

const DATABASE_URL = "postgresql://app:pa55word@ep-cool-name.eu-central-1.aws.neon.tech/users?sslmode=require";
const SHA256 = "a1".repeat(32);
const entry = (overrides: Bindings = {}) => ({ id: "mobile", sha256: SHA256, scopes: ["users:read"], ...overrides });

/** The message with which these bindings are refused; empty when they are accepted. */
function messageFor(bindings: Bindings): string {
  try {
    parseConfig(bindings);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** Names of the variables that the message mentions. */
const namedIn = (message: string): Variable[] =>
  CONFIG_VARIABLES.filter((name) => new RegExp(`\\b${name}\\b`).test(message));

describe("the configuration of development", () => {
  test("needs only the database; all else has a default", ({ expect }) => {
    expect(parseConfig({ DATABASE_URL })).toEqual({
      environment: "development",
      database: { url: DATABASE_URL, fetchEndpoint: null, maxConcurrency: 1_024 },
      apiKeys: { plainKey: null, entries: [] },
      tokens: null,
      corsOrigins: null,
      callerRateLimit: null,
      requireIfMatch: false,
      cursorSecret: DATABASE_URL,
      logLevel: "info",
      logSampling: { rate: 1, slowMs: 1_000 },
      tellsTiming: true,
      traceSpans: false,
      requestTimeoutMs: 5_000,
      readinessTimeoutMs: 2_000,
      events: EVENTS,
    } satisfies Config);
  });

  test("ignores bindings that are not its variables", ({ expect }) => {
    expect(parseConfig({ DATABASE_URL, ASSETS: {}, OTHER: "x" })).toEqual(parseConfig({ DATABASE_URL }));
  });
});

const EVENTS: Config["events"] = { retentionMs: 30 * 86_400_000, streamMs: 300_000, pollMs: 1_000 };

const JWKS_URL = "https://id.example/jwks.json";
const TOKENS = { JWKS_URL, JWT_ISSUER: "https://id.example/", JWT_AUDIENCE: "users-api" };
const tokens = { jwksUrl: JWKS_URL, issuer: "https://id.example/", audience: "users-api" };

interface Effect {
  readonly value: string;
  readonly effect: Partial<Config>;
  /** What has to be given besides. */
  readonly others?: Bindings;
}

const EFFECTS: Readonly<Record<Variable, Effect>> = {
  ENVIRONMENT: { value: "development", effect: { environment: "development" } },
  DATABASE_URL: {
    value: "postgres://u:p@h/d",
    effect: { database: { url: "postgres://u:p@h/d", fetchEndpoint: null, maxConcurrency: 1_024 } },
  },
  DATABASE_FETCH_ENDPOINT: {
    value: "http://127.0.0.1:4444/sql",
    effect: { database: { url: DATABASE_URL, fetchEndpoint: "http://127.0.0.1:4444/sql", maxConcurrency: 1_024 } },
  },
  DATABASE_MAX_CONCURRENCY: {
    value: "64",
    effect: { database: { url: DATABASE_URL, fetchEndpoint: null, maxConcurrency: 64 } },
  },
  API_KEY: { value: "open~sesame!", effect: { apiKeys: { plainKey: "open~sesame!", entries: [] } } },
  API_KEYS: {
    value: JSON.stringify([entry()]),
    effect: { apiKeys: { plainKey: null, entries: [{ id: "mobile", sha256: SHA256, scopes: ["users:read"] }] } },
  },
  JWKS_URL: {
    value: "http://127.0.0.1:4000/keys",
    effect: { tokens: { ...tokens, jwksUrl: "http://127.0.0.1:4000/keys" } },
    others: TOKENS,
  },
  JWT_ISSUER: { value: "urn:other", effect: { tokens: { ...tokens, issuer: "urn:other" } }, others: TOKENS },
  JWT_AUDIENCE: { value: "other", effect: { tokens: { ...tokens, audience: "other" } }, others: TOKENS },
  CORS_ORIGINS: { value: "https://app.example", effect: { corsOrigins: ["https://app.example"] } },
  CALLER_RATE_LIMIT: { value: "600", effect: { callerRateLimit: 600 } },
  REQUIRE_IF_MATCH: { value: "true", effect: { requireIfMatch: true } },
  CURSOR_SECRET: { value: "sixteen letters!", effect: { cursorSecret: "sixteen letters!" } },
  LOG_LEVEL: { value: "warn", effect: { logLevel: "warn" } },
  LOG_SAMPLE_RATE: { value: "0.05", effect: { logSampling: { rate: 0.05, slowMs: 1_000 } } },
  LOG_SLOW_MS: { value: "250", effect: { logSampling: { rate: 1, slowMs: 250 } } },
  SERVER_TIMING: { value: "off", effect: { tellsTiming: false } },
  TRACE_SPANS: { value: "on", effect: { traceSpans: true } },
  REQUEST_TIMEOUT_MS: { value: "750", effect: { requestTimeoutMs: 750 } },
  READINESS_TIMEOUT_MS: { value: "250", effect: { readinessTimeoutMs: 250 } },
  EVENTS_RETENTION_DAYS: { value: "7", effect: { events: { ...EVENTS, retentionMs: 604_800_000 } } },
  EVENTS_STREAM_SECONDS: { value: "60", effect: { events: { ...EVENTS, streamMs: 60_000 } } },
  EVENTS_POLL_MS: { value: "250", effect: { events: { ...EVENTS, pollMs: 250 } } },
};

describe("each variable", () => {
  test.for(CONFIG_VARIABLES)("%s has its effect, and nothing else changes", (name, { expect }) => {
    const { value, effect, others = {} } = EFFECTS[name];
    expect(parseConfig({ DATABASE_URL, ...others, [name]: value })).toEqual({
      ...parseConfig({ DATABASE_URL, ...others }),
      ...(name === "DATABASE_URL" ? { cursorSecret: value } : {}),
      ...effect,
    });
  });

  test("is listed in CONFIG_VARIABLES once", ({ expect }) => {
    expect(Object.keys(EFFECTS).toSorted()).toEqual(CONFIG_VARIABLES.toSorted());
    expect(new Set(CONFIG_VARIABLES).size).toBe(CONFIG_VARIABLES.length);
  });

  test.for(CONFIG_VARIABLES)("%s counts as absent when it is empty", (name, { expect }) => {
    const bindings: Bindings = { DATABASE_URL };
    expect(messageFor({ ...bindings, [name]: "" })).toBe(messageFor({ ...bindings, [name]: undefined }));
  });

  test.for(["development", "staging", "production"])("ENVIRONMENT may be %s", (environment, { expect }) => {
    expect(parseConfig({ DATABASE_URL, API_KEY: "k", ENVIRONMENT: environment })).toMatchObject({ environment });
  });

  test.for(["debug", "info", "warn", "error"])("LOG_LEVEL may be %s", (logLevel, { expect }) => {
    expect(parseConfig({ DATABASE_URL, LOG_LEVEL: logLevel })).toMatchObject({ logLevel });
  });

  test.for([
    ["0", 0],
    ["0.000001", 0.000001],
    ["1", 1],
    ["1.0", 1],
  ] as const)("LOG_SAMPLE_RATE may be %s", ([text, rate], { expect }) => {
    expect(parseConfig({ DATABASE_URL, LOG_SAMPLE_RATE: text }).logSampling.rate).toBe(rate);
  });

  test.for([
    ["development", true],
    ["staging", true],
    ["production", false],
  ] as const)("Server-Timing in %s, unless SERVER_TIMING says otherwise: %s", ([environment, tells], { expect }) => {
    const given = { DATABASE_URL, API_KEY: "k", ENVIRONMENT: environment };
    expect(parseConfig(given).tellsTiming).toBe(tells);
    expect(parseConfig({ ...given, SERVER_TIMING: "on" }).tellsTiming).toBe(true);
    expect(parseConfig({ ...given, SERVER_TIMING: "off" }).tellsTiming).toBe(false);
  });

  test.for(["1", "300000", "042"])("time-outs may be %s ms", (text, { expect }) => {
    expect(parseConfig({ DATABASE_URL, REQUEST_TIMEOUT_MS: text, READINESS_TIMEOUT_MS: text })).toMatchObject({
      requestTimeoutMs: Number(text),
      readinessTimeoutMs: Number(text),
    });
  });

  test.for([
    "https://db.example/sql",
    "http://localhost:4444/sql",
    "http://127.0.0.1:4444/sql",
    "http://[::1]:4444/sql",
  ])("DATABASE_FETCH_ENDPOINT and JWKS_URL may be %s: encrypted, or on this machine", (url, { expect }) => {
    const config = parseConfig({ DATABASE_URL, ...TOKENS, DATABASE_FETCH_ENDPOINT: url, JWKS_URL: url });
    expect(config).toMatchObject({ database: { fetchEndpoint: url }, tokens: { jwksUrl: url } });
  });

  test.for([
    "postgres://u:p@h/d",
    "postgresql://u:p%40@h.example:5432/d?sslmode=require",
    "postgresql://u:p@127.0.0.1:5432/d",
  ])("DATABASE_URL may be %s", (url, { expect }) => {
    expect(parseConfig({ DATABASE_URL: url }).database.url).toBe(url);
  });
});

/** Every malformed text holds this, so that a message that repeats a value is noticed. */
const MARK = "zq7";

const MALFORMED: Readonly<Record<Variable, readonly string[]>> = {
  ENVIRONMENT: [MARK, `production ${MARK}`],
  DATABASE_URL: [
    MARK,
    `mysql://u:${MARK}@h/d`,
    `https://u:${MARK}@h/d`,
    `postgresql://h/${MARK}`,
    `postgresql://u:${MARK}@/d`,
    `postgresql://u:${MARK}@h`,
    `postgresql://u:${MARK}@h/`,
    `postgresql://u:${MARK}@h:port/d`,
    `postgresql:u:${MARK}@h/d`,
    `postgresql://u:${MARK}@h/d\r\nX-Injected: yes`,
    // The driver would refuse these, in an error that quotes them.
    `postgresql://u:${MARK}@256.256.256.256/d`,
    `postgresql://u:${MARK}@a%20b/d`,
    `postgresql://u:${MARK}%zz@h/d`,
    `postgresql://u:${MARK}%ff@h/d`,
    `postgresql://%ff:${MARK}@h/d`,
    `postgresql://u:${MARK}@h/%ff`,
  ],
  DATABASE_FETCH_ENDPOINT: [
    MARK,
    `/sql/${MARK}`,
    `ftp://${MARK}/sql`,
    `javascript:${MARK}`,
    `ws://${MARK}/`,
    // The password would travel in clear.
    `http://${MARK}.example/sql`,
    `http://localhost.${MARK}.example/sql`,
    `http://127.0.0.1.${MARK}.example/sql`,
    `http://localhost@${MARK}.example/sql`,
    `http://10.0.0.1/${MARK}`,
    `http://[::2]/${MARK}`,
  ],
  DATABASE_MAX_CONCURRENCY: [MARK, "0", "-1", "1.5", "100000", "1e3", " 7"],
  API_KEY: [`a ${MARK}`, `${MARK}\n`, `\u00e9${MARK}`, `${MARK}\u0000`, `${MARK}\u{1F511}`],
  API_KEYS: [
    MARK,
    "[]",
    "{}",
    "null",
    `["${MARK}"]`,
    JSON.stringify(entry({ id: MARK })),
    JSON.stringify([entry({ id: `${MARK}!` })]),
    JSON.stringify([entry({ id: "" })]),
    JSON.stringify([entry({ id: MARK.repeat(22) })]),
    JSON.stringify([entry({ sha256: MARK })]),
    JSON.stringify([entry({ sha256: "a".repeat(63) })]),
    JSON.stringify([entry({ sha256: "a".repeat(65) })]),
    JSON.stringify([entry({ sha256: "g".repeat(64) })]),
    JSON.stringify([entry({ scopes: [] })]),
    JSON.stringify([entry({ scopes: [MARK] })]),
    JSON.stringify([entry({ scopes: "users:read" })]),
    JSON.stringify([entry({ key: MARK })]),
    JSON.stringify([{ id: MARK, sha256: SHA256 }]),
    JSON.stringify([entry({ id: MARK }), entry({ id: MARK, sha256: "b".repeat(64) })]),
  ],
  JWKS_URL: [MARK, `/keys/${MARK}`, `ftp://${MARK}/keys`, `file:///${MARK}`, `http://${MARK}.example/keys`],
  JWT_ISSUER: [],
  JWT_AUDIENCE: [],
  CORS_ORIGINS: [
    MARK,
    `null, ${MARK}`,
    `${MARK}.example`,
    `https://${MARK}.example/`,
    `https://${MARK}.example/path`,
    `https://${MARK}.example:443`,
    `https://${MARK.toUpperCase()}.example`,
    `https://user:${MARK}@a.example`,
    `https://${MARK}.example?x`,
    `https://*.${MARK}.example`,
    `https://${MARK}.example,`,
    `,https://${MARK}.example`,
    `https://${MARK}.example,,https://b.example`,
    `https://${MARK}.example https://b.example`,
    `*,https://${MARK}.example`,
    `https://${MARK}.example,*`,
    `data:${MARK}`,
    `blob:https://${MARK}.example`,
  ],
  CALLER_RATE_LIMIT: [MARK, `600${MARK}`, `-${MARK}`],
  REQUIRE_IF_MATCH: [MARK, `true${MARK}`],
  CURSOR_SECRET: [MARK, `${MARK}456789012345`],
  LOG_LEVEL: [MARK, `info ${MARK}`],
  LOG_SAMPLE_RATE: [MARK, `0.5${MARK}`, "2", "-0.1", "1.1", ".5", "1e-2", "0.12345678"],
  LOG_SLOW_MS: [MARK, `250${MARK}`],
  SERVER_TIMING: [MARK, `on ${MARK}`],
  TRACE_SPANS: [MARK, `on ${MARK}`],
  REQUEST_TIMEOUT_MS: [MARK, `5000${MARK}`],
  READINESS_TIMEOUT_MS: [MARK, `5000${MARK}`],
  EVENTS_RETENTION_DAYS: [MARK, `30${MARK}`, `0${MARK}`],
  EVENTS_STREAM_SECONDS: [MARK, `300${MARK}`],
  EVENTS_POLL_MS: [MARK, `1000${MARK}`],
};

describe("a malformed variable", () => {
  const cases = CONFIG_VARIABLES.flatMap((name) => MALFORMED[name].map((value) => [name, value] as const));

  test.for(cases)("%s=%j is refused by its name, and its value is not repeated", ([name, value], { expect }) => {
    const message = messageFor({ DATABASE_URL, API_KEY: "k", [name]: value });
    expect(namedIn(message)).toContain(name);
    expect(message).not.toContain(MARK);
    expect(message).not.toContain(DATABASE_URL);
  });

  test.for(["0", "-1", "+5", "1.5", "1e3", "0x10", " 5", "5 ", "300001", "999999999", "Infinity", "NaN", "\u0665"])(
    "time-out of %j is refused",
    (text, { expect }) => {
      const message = messageFor({ DATABASE_URL, REQUEST_TIMEOUT_MS: text, READINESS_TIMEOUT_MS: text });
      expect(namedIn(message)).toEqual(["REQUEST_TIMEOUT_MS", "READINESS_TIMEOUT_MS"]);
    },
  );

  test.for(["Production", "prod", "dev", "toString"])(
    "ENVIRONMENT %s never passes for development",
    (environment, { expect }) => {
      const message = messageFor({ DATABASE_URL, ENVIRONMENT: environment });
      expect(namedIn(message)).toEqual(expect.arrayContaining(["ENVIRONMENT", "API_KEY", "API_KEYS", "JWKS_URL"]));
    },
  );

  test("of another type, as vars of wrangler.toml may be, is told what it must be", ({ expect }) => {
    const untold = CONFIG_VARIABLES.flatMap((name) =>
      [5_000, true, null, ["a"], { get: "a" }]
        .filter((value) => {
          const message = messageFor({ DATABASE_URL, [name]: value });
          return !new RegExp(`\\b${name} (must|is missing; set)\\b`).test(message);
        })
        .map((value) => `${name}=${JSON.stringify(value)}`),
    );
    expect(untold).toEqual([]);
  });

  test("does not hide the others: all are named at once", ({ expect }) => {
    const bad = Object.fromEntries(CONFIG_VARIABLES.map((name) => [name, MARK]));
    const message = messageFor({ ...bad, API_KEY: `${MARK} ${MARK}` });
    const takesAnyText = ["JWT_ISSUER", "JWT_AUDIENCE"];
    expect(namedIn(message)).toEqual(CONFIG_VARIABLES.filter((name) => !takesAnyText.includes(name)));
    expect(message).not.toContain(MARK);
  });

  test("is a ConfigError that carries the value nowhere", async ({ expect }) => {
    const parse = async () => parseConfig({ DATABASE_URL: `mysql://u:${MARK}@h/d`, API_KEYS: `[{"id":"${MARK}"` });
    const error: unknown = await parse().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(textsOf(error).join("\n")).not.toContain(MARK);
  });
});

describe.for(["staging", "production"])("the configuration of %s", (ENVIRONMENT) => {
  const WAYS_IN = ["API_KEY", "API_KEYS", "JWKS_URL"];

  test("without credentials fails and names every way to give them", ({ expect }) => {
    expect(namedIn(messageFor({ ENVIRONMENT, DATABASE_URL }))).toEqual(WAYS_IN);
    expect(namedIn(messageFor({ ENVIRONMENT, DATABASE_URL, API_KEY: "", API_KEYS: "", JWKS_URL: "" }))).toEqual(
      WAYS_IN,
    );
  });

  test("takes bearer tokens alone, all three variables of them", ({ expect }) => {
    expect(parseConfig({ ENVIRONMENT, DATABASE_URL, ...TOKENS })).toMatchObject({
      tokens,
      apiKeys: { plainKey: null, entries: [] },
    });
    const { JWKS_URL: _, ...withoutKeys } = TOKENS;
    expect(namedIn(messageFor({ ENVIRONMENT, DATABASE_URL, ...withoutKeys }))).toEqual([
      ...WAYS_IN,
      "JWT_ISSUER",
      "JWT_AUDIENCE",
    ]);
  });

  test("without a database fails and names the variable", ({ expect }) => {
    expect(messageFor({ ENVIRONMENT, API_KEY: "k" })).toContain("DATABASE_URL is missing");
    expect(namedIn(messageFor({ ENVIRONMENT, API_KEY: "k", DATABASE_URL: "" }))).toEqual(["DATABASE_URL"]);
  });

  test("without both names both", ({ expect }) => {
    expect(namedIn(messageFor({ ENVIRONMENT }))).toEqual(["DATABASE_URL", ...WAYS_IN]);
  });

  test("with malformed credentials fails instead of being open", ({ expect }) => {
    expect(namedIn(messageFor({ ENVIRONMENT, DATABASE_URL, API_KEYS: "[]" }))).toEqual(["API_KEYS"]);
  });

  test("takes one plain key, hashed keys, or both", ({ expect }) => {
    const entries = [
      entry(),
      entry({ id: "web.v2_x-1", sha256: "B2".repeat(32), scopes: ["users:read", "users:write"] }),
    ];
    const API_KEYS = JSON.stringify(entries);
    expect(parseConfig({ ENVIRONMENT, DATABASE_URL, API_KEY: "k" }).apiKeys).toEqual({ plainKey: "k", entries: [] });
    expect(parseConfig({ ENVIRONMENT, DATABASE_URL, API_KEYS }).apiKeys).toEqual({ plainKey: null, entries });
    expect(parseConfig({ ENVIRONMENT, DATABASE_URL, API_KEY: "k", API_KEYS }).apiKeys).toEqual({
      plainKey: "k",
      entries,
    });
  });
});
