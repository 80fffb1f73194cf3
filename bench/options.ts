import { parseArgs } from "node:util";

import { UsageError } from "../tools/command/usage-error.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { VARIANT_NAMES, type VariantName } from "./variants/index.ts";

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly connections: readonly number[];
  readonly rounds: number;
  readonly variants: readonly VariantName[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly loadTool: "wrk" | "autocannon" | null;
  readonly jsonFile: string | null;
}

const FLAGS = {
  scenario: { type: "string" },
  connections: { type: "string", default: "1,16,64,256" },
  rounds: { type: "string", default: "5" },
  variants: { type: "string", default: VARIANT_NAMES.join(",") },
  seconds: { type: "string", default: "3" },
  warmup: { type: "string", default: "1" },
  "load-tool": { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions | null {
  const flags = parseFlags(args);
  if (flags.help) return null;
  const names = flags.scenario === undefined ? SCENARIOS.map(({ name }) => name) : parseList(flags.scenario);
  const chosen = oneOfEach(
    "--scenario",
    names,
    SCENARIOS.map(({ name }) => name),
  );
  return {
    scenarios: SCENARIOS.filter(({ name }) => chosen.includes(name)),
    connections: parseList(flags.connections).map((text) => parseNumber("--connections", text, 1, 4_096)),
    rounds: parseNumber("--rounds", flags.rounds, 1, 100),
    variants: oneOfEach("--variants", parseList(flags.variants), VARIANT_NAMES),
    seconds: parseNumber("--seconds", flags.seconds, 1, 3_600),
    warmupSeconds: parseNumber("--warmup", flags.warmup, 0, 600),
    loadTool:
      flags["load-tool"] === undefined
        ? null
        : (oneOfEach("--load-tool", [flags["load-tool"]], ["wrk", "autocannon"])[0] ?? null),
    jsonFile: flags.json ?? null,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(reason.split(". ", 1)[0] ?? reason);
  }
}

function parseList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

function oneOfEach<const Name extends string>(flag: string, given: readonly string[], known: readonly Name[]): Name[] {
  return given.map((text) => {
    const found = known.find((name) => name === text);
    if (found === undefined) throw new UsageError(`${flag} knows ${known.join(", ")}, not "${text}".`);
    return found;
  });
}

function parseNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not "${text}".`);
}
