import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { UsageError } from "./usage-error.ts";

/** `parseArgs`, with its errors as ours. */
export function parseFlags<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw toUsageError(error);
  }
}

/** The same for a command that takes words besides its flags. */
export function parseWords<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw toUsageError(error);
  }
}

function toUsageError(error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(reason.split(". ", 1)[0] ?? reason);
}

/** Parts of a list with commas. */
export function parseList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

/** Texts that are all known names; each once. */
export function parseNames<const Name extends string>(
  flag: string,
  given: readonly string[],
  known: readonly Name[],
): Name[] {
  const found = given.map((text) => {
    const name = known.find((candidate) => candidate === text);
    if (name === undefined) throw new UsageError(`${flag} knows ${known.join(", ")}, not "${text}".`);
    return name;
  });
  return [...new Set(found)];
}

export function parseNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not "${text}".`);
}
