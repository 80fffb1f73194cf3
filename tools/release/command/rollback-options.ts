import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { COMPANION_NAMES } from "../companions/companion.ts";
import { type EnvironmentName, parseEnvironmentName } from "./usage.ts";

export const HELP = `npm run rollback -- --env staging|production [options]

Gives all traffic back to the version that served well before the live one, and verifies it by deployments and by answers.
Of a split deployment the old version stays. The database is not touched: migrations only expand, so the old version lives with them.
Nor are cron triggers and consumers of queues: no version has them. Cloudflare goes back past no class migration.

  --worker NAME   api (default), telemetry, rpc or events
  --env NAME      staging or production
  --to ID         the version to go back to: its id, or the first 8 characters or more of one of the last deployments;
                  an empty one is as none
  --report FILE   writes a JSON report, whatever the outcome
  --yes           does not ask before production is changed
  --help          this text

Environment: RELEASE_TARGET, RELEASE_URL, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_API_BASE_URL in a
rehearsal, as for npm run release. In place of RELEASE_URL: TELEMETRY_URL for telemetry, RPC_URL for rpc, nothing for events.

Exit code: 0 rolled back, or nothing to do, 1 nothing was changed (no version to go back to, not confirmed, refused), 2 wrong usage
or environment, 4 the state is not verified and an operator must look, 130 interrupted before anything was changed.
`;

export interface RollbackOptions {
  readonly env: EnvironmentName;
  /** As given: an id or the beginning of one. */
  readonly to: string | null;
  readonly reportFile: string | null;
  readonly isConfirmed: boolean;
}

const WORKERS = ["api", ...COMPANION_NAMES];

const FLAGS = {
  worker: { type: "string", default: "api" },
  env: { type: "string" },
  to: { type: "string" },
  report: { type: "string" },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseRollbackOptions(args: readonly string[]): RollbackOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  if (!WORKERS.some((name) => name === flags.worker)) {
    throw new UsageError(`--worker must be api, telemetry, rpc or events, not "${flags.worker}".`);
  }
  return {
    env: parseEnvironmentName(flags.env),
    to: parseVersion(flags.to),
    reportFile: flags.report ?? null,
    isConfirmed: flags.yes,
  };
}

const ID_BEGINNING = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/;

function parseVersion(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  const id = text.toLowerCase();
  if (ID_BEGINNING.test(id)) return id;
  throw new UsageError(`--to must be a version id or at least its first 8 characters, not "${text}".`);
}
