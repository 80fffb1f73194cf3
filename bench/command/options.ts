import { parseFlags, parseList, parseNames, parseNumber } from "../../tools/command/parse-flags.ts";
import { UsageError } from "../../tools/command/usage-error.ts";
import type { LoadTool } from "../load/load.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { VARIANT_NAMES, type VariantName } from "../variants/index.ts";

/** A service that runs already. */
export interface Target {
  readonly name: string;
  /** Without a slash at its end. */
  readonly origin: string;
}

/** Kinds of measurement. */
export type Mode = "matrix" | "soak" | "growth" | "cold-start" | "overload";

export interface BenchOptions {
  readonly mode: Mode;
  readonly scenarios: readonly Scenario[];
  readonly connections: readonly number[];
  readonly rounds: number;
  readonly variants: readonly VariantName[];
  /** Whether the variants were chosen: then each serves all it can. */
  readonly hasChosenVariants: boolean;
  readonly targets: readonly Target[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Length of a soak. */
  readonly minutes: number;
  /** Null for the best that is there. */
  readonly loadTool: LoadTool["name"] | null;
  readonly jsonFile: string | null;
  /** Name of the files in `bench/results`; null for the scratch folder. */
  readonly saveAs: string | null;
}

const FLAGS = {
  soak: { type: "boolean", default: false },
  growth: { type: "boolean", default: false },
  "cold-start": { type: "boolean", default: false },
  overload: { type: "boolean", default: false },
  scenario: { type: "string", multiple: true },
  connections: { type: "string", default: "1,16,64,256" },
  rounds: { type: "string" },
  variants: { type: "string" },
  target: { type: "string", multiple: true },
  seconds: { type: "string" },
  warmup: { type: "string", default: "1" },
  minutes: { type: "string", default: "5" },
  "load-tool": { type: "string" },
  json: { type: "string" },
  save: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const LOAD_TOOLS = ["wrk", "autocannon"] as const;

const DEFAULT_ROUNDS: Readonly<Record<Mode, string>> = {
  matrix: "5",
  soak: "5",
  growth: "3",
  "cold-start": "5",
  overload: "5",
};
/** An overload has to last longer than a request may take. */
const DEFAULT_SECONDS: Readonly<Record<Mode, string>> = {
  matrix: "3",
  soak: "3",
  growth: "3",
  "cold-start": "3",
  overload: "10",
};

/**
 * Reads the command line of `npm run bench`; null asks for the help text.
 * @throws UsageError
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  const variants = parseList(flags.variants ?? VARIANT_NAMES.join(","));
  const [loadTool = null] = parseNames("--load-tool", flags["load-tool"] ? [flags["load-tool"]] : [], LOAD_TOOLS);
  const mode = parseMode(flags);
  return {
    mode,
    scenarios: parseScenarios(flags.scenario),
    connections: parseList(flags.connections).map((text) => parseNumber("--connections", text, 1, 4_096)),
    rounds: parseNumber("--rounds", flags.rounds ?? DEFAULT_ROUNDS[mode], 1, 100),
    variants: parseNames("--variants", variants, VARIANT_NAMES),
    hasChosenVariants: flags.variants !== undefined,
    targets: parseTargets(flags.target ?? []),
    seconds: parseNumber("--seconds", flags.seconds ?? DEFAULT_SECONDS[mode], 1, 3_600),
    warmupSeconds: parseNumber("--warmup", flags.warmup, 0, 600),
    minutes: parseNumber("--minutes", flags.minutes, 1, 1_440),
    loadTool,
    jsonFile: flags.json ?? null,
    saveAs: parseSaveAs(flags.save),
  };
}

function parseMode(flags: Readonly<Record<Exclude<Mode, "matrix">, boolean>>): Mode {
  const chosen = (["soak", "growth", "cold-start", "overload"] as const).filter((mode) => flags[mode]);
  if (chosen.length > 1) throw new UsageError(`One at a time: ${chosen.map((mode) => `--${mode}`).join(", ")}.`);
  return chosen[0] ?? "matrix";
}

function parseScenarios(given: readonly string[] | undefined): readonly Scenario[] {
  if (given === undefined) return SCENARIOS;
  const names = parseNames(
    "--scenario",
    given.flatMap(parseList),
    SCENARIOS.map(({ name }) => name),
  );
  return SCENARIOS.filter(({ name }) => names.includes(name));
}

function parseTargets(given: readonly string[]): readonly Target[] {
  const targets = given.map((text) => {
    const [, name = "", url = ""] = /^([a-z0-9-]+)=(https?:\/\/.+)$/.exec(text) ?? [];
    const parsed = URL.parse(url);
    if (parsed !== null) return { name, origin: `${parsed.origin}${parsed.pathname.replace(/\/$/, "")}` };
    throw new UsageError(`--target must be NAME=URL, as in other=http://127.0.0.1:8080, not "${text}".`);
  });
  const names = [...VARIANT_NAMES, ...targets.map(({ name }) => name)];
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new UsageError(`--target: there is another service with the name ${twice}.`);
  return targets;
}

function parseSaveAs(text: string | undefined): string | null {
  if (text === undefined || /^[a-z0-9][a-z0-9-]{0,60}$/.test(text)) return text ?? null;
  throw new UsageError(`--save must be a name of lower-case letters, digits and hyphens, not "${text}".`);
}
