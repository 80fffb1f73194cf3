import { z } from "zod";

import { isPostgresUrl, isTrustworthyUrl } from "../../src/config-urls.ts";
import { LOG_LEVELS } from "../../src/observability/logger.ts";

/** Variables that configure the Worker, in the order in which docs/events.md explains them. */
export const EVENTS_VARIABLES = [
  "ENVIRONMENT",
  "DATABASE_URL",
  "DATABASE_FETCH_ENDPOINT",
  "LOG_LEVEL",
  "DNS_URL",
  "WEBHOOKS_ALLOW_LOOPBACK",
  "WEBHOOKS_TIMEOUT_MS",
  "WEBHOOKS_RETRY_BASE_MS",
  "WEBHOOKS_RETRY_MAX_MS",
  "WEBHOOKS_MAX_ATTEMPTS",
  "WEBHOOKS_DISABLE_AFTER_HOURS",
  "WEBHOOKS_QUEUE_LEASE_MS",
  "WEBHOOKS_RETENTION_DAYS",
  "CURSOR_SECRET",
  "EVENTS_SOCKET_SECONDS",
  "EVENTS_SOCKET_PATIENCE_MS",
  "EVENTS_SOCKET_HEARTBEAT_MS",
  "EVENTS_SOCKETS_PER_CALLER",
] as const;

/** The configuration is unusable. The message names the variables and says what to do, never their values. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const text = z.string({ error: "must be a text" });

const wholeNumber = (fallback: number, min: number, max: number) =>
  text
    .default(String(fallback))
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const variables = z.object({
  ENVIRONMENT: z
    .enum(["development", "staging", "production"], { error: "must be development, staging or production" })
    .default("development"),
  DATABASE_URL: z
    .string({ error: "is missing; set it to a PostgreSQL connection URL" })
    .refine(isPostgresUrl, { error: "must look like postgresql://USER:PASSWORD@HOST/DATABASE" }),
  DATABASE_FETCH_ENDPOINT: text
    .refine(isTrustworthyUrl, { error: "must be an https URL; http is for this machine only" })
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  DNS_URL: text
    .refine(isTrustworthyUrl, { error: "must be an https URL; http is for this machine only" })
    .default("https://cloudflare-dns.com/dns-query"),
  WEBHOOKS_ALLOW_LOOPBACK: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
  WEBHOOKS_TIMEOUT_MS: wholeNumber(10_000, 1, 60_000),
  WEBHOOKS_RETRY_BASE_MS: wholeNumber(5_000, 1, HOUR_MS),
  WEBHOOKS_RETRY_MAX_MS: wholeNumber(12 * HOUR_MS, 1, 24 * HOUR_MS),
  WEBHOOKS_MAX_ATTEMPTS: wholeNumber(15, 1, 100),
  WEBHOOKS_DISABLE_AFTER_HOURS: wholeNumber(120, 1, 9_999),
  WEBHOOKS_QUEUE_LEASE_MS: wholeNumber(120_000, 100, HOUR_MS),
  WEBHOOKS_RETENTION_DAYS: wholeNumber(30, 1, 9_999),
  CURSOR_SECRET: text.min(16, { error: "must have at least 16 characters" }).optional(),
  EVENTS_SOCKET_SECONDS: wholeNumber(3_600, 1, 86_400),
  EVENTS_SOCKET_PATIENCE_MS: wholeNumber(30_000, 1, HOUR_MS),
  EVENTS_SOCKET_HEARTBEAT_MS: wholeNumber(15_000, 100, HOUR_MS),
  EVENTS_SOCKETS_PER_CALLER: wholeNumber(20, 1, 256),
});

/** Everything that can be configured, complete and typed. */
export type Config = ReturnType<typeof toConfig>;

/**
 * Reads the Worker's variables. An empty one counts as absent.
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function parseConfig(bindings: Readonly<Record<string, unknown>>): Config {
  const given = EVENTS_VARIABLES.filter((name) => bindings[name] !== undefined && bindings[name] !== "");
  const result = variables.safeParse(Object.fromEntries(given.map((name) => [name, bindings[name]])));
  const problems = result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`);
  if (result.success && result.data.WEBHOOKS_ALLOW_LOOPBACK === "true" && result.data.ENVIRONMENT !== "development")
    problems.push("WEBHOOKS_ALLOW_LOOPBACK is for development only");
  if (!result.success || problems.length > 0) throw new ConfigError(`Invalid configuration: ${problems.join("; ")}`);
  return toConfig(result.data);
}

/** A look at the name, the receiver's answer, and the database's twice. */
const ATTEMPTS_TIMES = 3;

function toConfig(values: z.output<typeof variables>) {
  return {
    database: { url: values.DATABASE_URL, fetchEndpoint: values.DATABASE_FETCH_ENDPOINT ?? null },
    logLevel: values.LOG_LEVEL,
    dnsUrl: values.DNS_URL,
    rules: { allowsLoopback: values.WEBHOOKS_ALLOW_LOOPBACK === "true" },
    timeoutMs: values.WEBHOOKS_TIMEOUT_MS,
    backoff: {
      baseMs: values.WEBHOOKS_RETRY_BASE_MS,
      maxMs: values.WEBHOOKS_RETRY_MAX_MS,
      maxAttempts: values.WEBHOOKS_MAX_ATTEMPTS,
    },
    disableAfterMs: values.WEBHOOKS_DISABLE_AFTER_HOURS * HOUR_MS,
    workLeaseMs: values.WEBHOOKS_TIMEOUT_MS * ATTEMPTS_TIMES,
    queueLeaseMs: values.WEBHOOKS_QUEUE_LEASE_MS,
    retentionMs: values.WEBHOOKS_RETENTION_DAYS * DAY_MS,
    // As in the API: with one database, and one role, it need not be set.
    cursorSecret: values.CURSOR_SECRET ?? values.DATABASE_URL,
    sockets: {
      socketMs: values.EVENTS_SOCKET_SECONDS * 1_000,
      patienceMs: values.EVENTS_SOCKET_PATIENCE_MS,
      heartbeatMs: values.EVENTS_SOCKET_HEARTBEAT_MS,
      perCaller: values.EVENTS_SOCKETS_PER_CALLER,
    },
  } as const;
}
