import { z } from "zod";

import { isOriginList, isPostgresUrl, isTrustworthyUrl } from "./config-urls.ts";
import { PLAIN_KEY_CALLER, SCOPES } from "./models/principal.ts";
import { LOG_LEVELS } from "./observability/logger.ts";

/** Variables that configure the Worker, in the order in which the README explains them. */
export const CONFIG_VARIABLES = [
  "ENVIRONMENT",
  "DATABASE_URL",
  "DATABASE_FETCH_ENDPOINT",
  "DATABASE_MAX_CONCURRENCY",
  "API_KEY",
  "API_KEYS",
  "JWKS_URL",
  "JWT_ISSUER",
  "JWT_AUDIENCE",
  "CORS_ORIGINS",
  "CALLER_RATE_LIMIT",
  "REQUIRE_IF_MATCH",
  "CURSOR_SECRET",
  "LOG_LEVEL",
  "LOG_SAMPLE_RATE",
  "LOG_SLOW_MS",
  "SERVER_TIMING",
  "TRACE_SPANS",
  "REQUEST_TIMEOUT_MS",
  "READINESS_TIMEOUT_MS",
  "EVENTS_RETENTION_DAYS",
  "EVENTS_STREAM_SECONDS",
  "EVENTS_POLL_MS",
] as const;

/** The configuration is unusable. The message names the variables and says what to do, never their values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Each starts with the name of its variable. */
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(`Invalid configuration: ${findings.join("; ")}`);
    this.findings = findings;
  }
}

const text = z.string({ error: "must be a text" });

const milliseconds = (fallback: number) =>
  text
    .default(String(fallback))
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= 300_000, {
      error: "must be a whole number of milliseconds from 1 to 300000",
    })
    .transform(Number);

const apiKeyEntries = z
  .array(
    z.strictObject({
      id: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,64}$/)
        .refine((id) => id !== PLAIN_KEY_CALLER.id),
      sha256: z.string().regex(/^[0-9a-f]{64}$/i),
      scopes: z.array(z.enum(SCOPES)).min(1),
    }),
  )
  .min(1)
  .refine(
    (entries) =>
      areDistinct(entries.map(({ id }) => id)) && areDistinct(entries.map(({ sha256 }) => sha256.toLowerCase())),
  );

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

const API_KEYS_HELP =
  'must be a JSON list of {"id","sha256","scopes"} with distinct keys and distinct ids other than "api-key"; make entries with: npm run keys:mint';

const environment = z.enum(["development", "staging", "production"], {
  error: "must be development, staging or production",
});

const onOrOff = z.enum(["on", "off"], { error: "must be on or off" });

const variables = z.object({
  ENVIRONMENT: environment.default("development"),
  DATABASE_URL: z
    .string({ error: "is missing; set it to a PostgreSQL connection URL" })
    .refine(isPostgresUrl, { error: "must look like postgresql://USER:PASSWORD@HOST/DATABASE" }),
  DATABASE_FETCH_ENDPOINT: text
    .refine(isTrustworthyUrl, { error: "must be an https URL; http is for this machine only" })
    .optional(),
  DATABASE_MAX_CONCURRENCY: text
    .default("1024")
    .refine((text) => /^[1-9]\d{0,4}$/.test(text), { error: "must be a whole number of statements from 1 to 99999" })
    .transform(Number),
  API_KEY: text.regex(/^[\x21-\x7e]+$/, { error: "must consist of visible ASCII characters" }).optional(),
  API_KEYS: text
    .transform((text, context) => {
      const parsed = apiKeyEntries.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: "custom", message: API_KEYS_HELP });
      return z.NEVER;
    })
    .optional(),
  JWKS_URL: text.refine(isTrustworthyUrl, { error: "must be an https URL; http is for this machine only" }).optional(),
  JWT_ISSUER: text.optional(),
  JWT_AUDIENCE: text.optional(),
  CORS_ORIGINS: text
    .refine(isOriginList, { error: 'must be origins like https://app.example.com, separated by commas, or "*"' })
    .optional(),
  CALLER_RATE_LIMIT: text
    .regex(/^[1-9]\d{0,8}$/, { error: "must be a whole number of requests per minute" })
    .transform(Number)
    .optional(),
  REQUIRE_IF_MATCH: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
  CURSOR_SECRET: text.min(16, { error: "must have at least 16 characters" }).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  LOG_SAMPLE_RATE: text
    .default("1")
    .refine((text) => /^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.test(text), { error: "must be a number from 0 to 1" })
    .transform(Number),
  LOG_SLOW_MS: milliseconds(1_000),
  SERVER_TIMING: onOrOff.optional(),
  TRACE_SPANS: onOrOff.default("off"),
  REQUEST_TIMEOUT_MS: milliseconds(5_000),
  READINESS_TIMEOUT_MS: milliseconds(2_000),
  EVENTS_RETENTION_DAYS: text
    .default("30")
    .refine((text) => /^[1-9]\d{0,3}$/.test(text), { error: "must be a whole number of days from 1 to 9999" })
    .transform(Number),
  EVENTS_STREAM_SECONDS: text
    .default("300")
    .refine((text) => /^[1-9]\d{0,3}$/.test(text), { error: "must be a whole number of seconds from 1 to 9999" })
    .transform(Number),
  EVENTS_POLL_MS: milliseconds(1_000),
});

/** Everything that can be configured, complete and typed. Optional settings are null when absent. */
export type Config = ReturnType<typeof toConfig>;

/**
 * Reads the Worker's variables. An empty one counts as absent.
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function parseConfig(bindings: Readonly<Record<string, unknown>>): Config {
  const given = CONFIG_VARIABLES.filter((name) => bindings[name] !== undefined && bindings[name] !== "");
  const result = variables.safeParse(Object.fromEntries(given.map((name) => [name, bindings[name]])));
  const problems = result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`);
  problems.push(...findGaps(bindings, given));
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(result.data);
}

/** Variables that are missing only because of what others say. */
function findGaps(bindings: Readonly<Record<string, unknown>>, given: readonly string[]): string[] {
  const isDevelopment = !given.includes("ENVIRONMENT") || bindings["ENVIRONMENT"] === "development";
  const hasCredentials = ["API_KEY", "API_KEYS", "JWKS_URL"].some((name) => given.includes(name));
  const openApi =
    "API_KEY, API_KEYS or JWKS_URL is missing; outside development the API never runs without authentication";
  const tokenVariables = ["JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE"];
  const missing = tokenVariables.filter((name) => !given.includes(name));
  const isPartial = missing.length > 0 && missing.length < tokenVariables.length;
  return [
    ...(isDevelopment || hasCredentials ? [] : [openApi]),
    ...(isPartial ? missing.map((name) => `${name} is missing; bearer tokens need ${tokenVariables.join(", ")}`) : []),
  ];
}

const DAY_MS = 86_400_000;

function toConfig(values: z.output<typeof variables>) {
  return {
    environment: values.ENVIRONMENT,
    database: {
      url: values.DATABASE_URL,
      fetchEndpoint: values.DATABASE_FETCH_ENDPOINT ?? null,
      maxConcurrency: values.DATABASE_MAX_CONCURRENCY,
    },
    apiKeys: { plainKey: values.API_KEY ?? null, entries: values.API_KEYS ?? [] },
    tokens: toTokenConfig(values),
    corsOrigins: toOrigins(values.CORS_ORIGINS),
    callerRateLimit: values.CALLER_RATE_LIMIT ?? null,
    requireIfMatch: values.REQUIRE_IF_MATCH === "true",
    cursorSecret: values.CURSOR_SECRET ?? values.DATABASE_URL,
    logLevel: values.LOG_LEVEL,
    logSampling: { rate: values.LOG_SAMPLE_RATE, slowMs: values.LOG_SLOW_MS },
    tellsTiming: (values.SERVER_TIMING ?? (values.ENVIRONMENT === "production" ? "off" : "on")) === "on",
    traceSpans: values.TRACE_SPANS === "on",
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    readinessTimeoutMs: values.READINESS_TIMEOUT_MS,
    events: {
      retentionMs: values.EVENTS_RETENTION_DAYS * DAY_MS,
      streamMs: values.EVENTS_STREAM_SECONDS * 1_000,
      pollMs: values.EVENTS_POLL_MS,
    },
  } as const;
}

function toTokenConfig({ JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: z.output<typeof variables>) {
  if (JWKS_URL === undefined || JWT_ISSUER === undefined || JWT_AUDIENCE === undefined) return null;
  return { jwksUrl: JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
}

function toOrigins(list: string | undefined): readonly string[] | "*" | null {
  if (list === undefined || list === "*") return list ?? null;
  return list.split(",").map((origin) => origin.trim());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
