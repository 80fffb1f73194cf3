import { isOriginList } from "../../src/config-urls.ts";
import type { LogSamplingOptions } from "../../src/observability/log-sampling.ts";
import { LOG_LEVELS, type LogLevel } from "../../src/observability/logger.ts";

/** Variables that configure this Worker; they mean what those of the API with their names do. */
export interface RpcVariables {
  readonly ENVIRONMENT?: string;
  readonly CORS_ORIGINS?: string;
  readonly LOG_LEVEL?: string;
  readonly LOG_SAMPLE_RATE?: string;
  readonly LOG_SLOW_MS?: string;
}

export interface RpcConfig {
  readonly isDevelopment: boolean;
  /** Origins whose pages may call; `"*"` for all, null for none. */
  readonly corsOrigins: readonly string[] | "*" | null;
  readonly logLevel: LogLevel;
  readonly logSampling: LogSamplingOptions;
}

/** The configuration is unusable. The message names the variables and says what to do, never their values. */
export class RpcConfigError extends Error {
  override readonly name = "RpcConfigError";
}

const RULES: Readonly<Record<keyof RpcVariables, readonly [isValid: (text: string) => boolean, rule: string]>> = {
  ENVIRONMENT: [isOneOf(["development", "staging", "production"]), "development, staging or production"],
  CORS_ORIGINS: [isOriginList, 'origins like https://app.example.com, separated by commas, or "*"'],
  LOG_LEVEL: [isOneOf(LOG_LEVELS), `one of ${LOG_LEVELS.join(", ")}`],
  LOG_SAMPLE_RATE: [(text) => /^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.test(text), "a number from 0 to 1"],
  LOG_SLOW_MS: [
    (text) => /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 300_000,
    "a whole number of milliseconds from 1 to 300000",
  ],
};

/**
 * Reads the variables; an empty one counts as absent.
 * @throws RpcConfigError that names every variable that is malformed
 */
export function parseConfig(variables: RpcVariables): RpcConfig {
  const findings = Object.entries(RULES).flatMap(([name, [isValid, rule]]) => {
    const value: unknown = Object.entries(variables).find(([key]) => key === name)?.[1] ?? "";
    return value === "" || (typeof value === "string" && isValid(value)) ? [] : [`${name} must be ${rule}`];
  });
  if (findings.length > 0) throw new RpcConfigError(`Invalid configuration: ${findings.join("; ")}`);
  const { ENVIRONMENT, CORS_ORIGINS, LOG_LEVEL, LOG_SAMPLE_RATE, LOG_SLOW_MS } = variables;
  return {
    isDevelopment: (ENVIRONMENT || "development") === "development",
    corsOrigins: toOrigins(CORS_ORIGINS || null),
    logLevel: LOG_LEVELS.find((level) => level === LOG_LEVEL) ?? "info",
    logSampling: { rate: Number(LOG_SAMPLE_RATE || "1"), slowMs: Number(LOG_SLOW_MS || "1000") },
  };
}

function isOneOf(words: readonly string[]): (text: string) => boolean {
  return (text) => words.includes(text);
}

function toOrigins(list: string | null): RpcConfig["corsOrigins"] {
  if (list === null || list === "*") return list;
  return list.split(",").map((origin) => origin.trim());
}
