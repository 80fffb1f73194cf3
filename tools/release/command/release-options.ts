import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import type { MetricsFlags } from "./metrics-access.ts";
import { type EnvironmentName, parseEnvironmentName } from "./usage.ts";

const FIND_ONE_IN = 500;

export const HELP = `npm run release -- --env staging|production [options]

Releases the commit that is checked out, without losing a request: checks, migrates (expand only), uploads a version, tests it at
0 % through the version override, gives it traffic step by step while it is compared with the old one, or gives all traffic back.

  --worker NAME      api (default), or telemetry, rpc or events, which are released in another way: --worker rpc --help
  --env NAME         staging or production
  --steps LIST       shares of the new version in percent, ascending, ending in 100 (default 10,50,100)
  --bake TIME        how long each step is watched, as in 30s or 5m, from 1s to 1h (default 30s); up to three times as long
                     when that leaves it in doubt whether the new version is as good
  --smoke KIND       full (writes test users and removes them) or read-only (default: full in staging, read-only in production)
  --metrics-url URL  /metrics of the telemetry Worker: versions are then compared by all requests, too, writes included
                     (default: TELEMETRY_URL; without either, by probes alone)
  --metrics-token-file FILE
                     holds the token of the metrics (default: METRICS_TOKEN in the environment)
  --require-metrics  rejects a version that could not be judged by the metrics; else the release says so and goes on
  --find-one-in N    each step waits, within its longest time, until so many requests were seen that a fault of one request in N
                     would be found, if that many come (default ${FIND_ONE_IN})
  --report FILE      writes a JSON report, whatever the outcome
  --dry-run          checks everything and prints the plan; changes nothing
  --yes              does not ask before production is changed
  --help             this text

Environment:
  RELEASE_TARGET           cloudflare (default) or rehearsal; has to agree with the addresses below
  RELEASE_URL              origin of the deployed Worker
  RELEASE_API_KEYS         its API keys, separated by commas; the first one is used for the smoke test
  MIGRATION_DATABASE_URL   direct connection to the database
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID
  CLOUDFLARE_API_BASE_URL  in a rehearsal: the emulator
  TELEMETRY_URL            origin of the telemetry Worker, which counts all requests (docs/observability.md)
  METRICS_TOKEN            its token for /metrics
  RELEASE_VERIFIED_COMMIT  full id of a commit whose checks have passed elsewhere: for that one they are not repeated
  NO_COLOR                 no colours

Exit code: 0 released, 1 stopped before any deployment changed, 2 wrong usage or environment, 3 the version was rejected and rolled
back (verified), 4 the state is not verified and an operator must look, 130 interrupted in a safe state.
Ctrl-C leaves a safe state and says which; a second one ends at once.
`;

export interface ReleaseOptions extends MetricsFlags {
  readonly env: EnvironmentName;
  /** Percentages, ascending, the last one 100. */
  readonly steps: readonly number[];
  readonly bakeMs: number;
  readonly isSmokeReadOnly: boolean;
  /** The rarest fault that steps wait for meets one request in so many. */
  readonly findOneIn: number;
  readonly reportFile: string | null;
  readonly isDryRun: boolean;
  readonly isConfirmed: boolean;
}

const FLAGS = {
  worker: { type: "string", default: "api" },
  env: { type: "string" },
  steps: { type: "string", default: "10,50,100" },
  bake: { type: "string", default: "30s" },
  smoke: { type: "string" },
  "metrics-url": { type: "string" },
  "metrics-token-file": { type: "string" },
  "require-metrics": { type: "boolean", default: false },
  "find-one-in": { type: "string", default: String(FIND_ONE_IN) },
  report: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const HOUR_MS = 3_600_000;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseReleaseOptions(args: readonly string[]): ReleaseOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  if (flags.worker !== "api")
    throw new UsageError(`--worker must be api, telemetry, rpc or events, not "${flags.worker}".`);
  const env = parseEnvironmentName(flags.env);
  return {
    env,
    steps: parseSteps(flags.steps),
    bakeMs: parseBake(flags.bake),
    isSmokeReadOnly: parseSmoke(flags.smoke ?? (env === "production" ? "read-only" : "full")),
    metricsUrl: flags["metrics-url"] ?? null,
    metricsTokenFile: flags["metrics-token-file"] ?? null,
    isMetricsRequired: flags["require-metrics"],
    findOneIn: parseFindOneIn(flags["find-one-in"]),
    reportFile: flags.report ?? null,
    isDryRun: flags["dry-run"],
    isConfirmed: flags.yes,
  };
}

function parseSteps(text: string): readonly number[] {
  const steps = text.split(",").map((part) => (/^\d{1,3}$/.test(part.trim()) ? Number(part) : Number.NaN));
  const isAscending = steps.every((step, place) => step > (steps[place - 1] ?? 0));
  if (isAscending && steps.at(-1) === 100) return steps;
  throw new UsageError(
    `--steps must be whole percentages from 1 to 100, ascending and ending in 100, as in 10,50,100, not "${text}".`,
  );
}

function parseBake(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,4})(s|m|h)$/.exec(text) ?? [];
  const unitMs = { s: 1000, m: 60_000, h: HOUR_MS }[unit] ?? Number.NaN;
  const bakeMs = Number(number) * unitMs;
  if (bakeMs >= 1000 && bakeMs <= HOUR_MS) return bakeMs;
  throw new UsageError(`--bake must be a time from 1s to 1h, as in 30s or 5m, not "${text}".`);
}

function parseFindOneIn(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--find-one-in must be a whole number from 1 to 999999, as in 500, not "${text}".`);
}

function parseSmoke(text: string): boolean {
  if (text === "full" || text === "read-only") return text === "read-only";
  throw new UsageError(`--smoke must be full or read-only, not "${text}".`);
}
