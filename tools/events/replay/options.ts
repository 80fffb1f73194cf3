import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { resolveDatabaseUrl } from "../../db/database-url.ts";

export const HELP = `npm run webhooks:replay -- --endpoint ID (--dead | --since TIME) [--url URL]

Has events sent to a webhook's endpoint again, in their order, soon after: those that were given up, or all that it wants since a
time, whether it got them or not. Receivers know what they had by its webhook-id. docs/events.md says more.

  --endpoint ID  the endpoint, as GET /api/v1/webhooks names it
  --dead         what was given up; with --since, of events since then
  --since TIME   without --dead: every event since then (RFC 3339, as 2026-01-31T12:00:00Z), as far back as events are kept
  --url URL      the database; MIGRATION_DATABASE_URL, then DATABASE_URL, when absent
  --help         this text

Exit codes: 0 done or nothing to do, 1 failed, 2 called wrongly.
`;

export interface ReplayOptions {
  readonly postgresUrl: string;
  readonly endpointId: string;
  readonly isDeadOnly: boolean;
  /** Null for no limit. */
  readonly since: Date | null;
}

const FLAGS = {
  endpoint: { type: "string" },
  dead: { type: "boolean", default: false },
  since: { type: "string" },
  url: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseReplayOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ReplayOptions | null {
  const { endpoint = "", dead: isDeadOnly, since, url, help } = parseFlags(args, FLAGS);
  if (help) return null;
  if (!UUID.test(endpoint)) throw new UsageError("--endpoint must be the id of an endpoint.");
  if (!isDeadOnly && since === undefined) throw new UsageError("Say what: --dead, or --since TIME.");
  return {
    postgresUrl: resolveDatabaseUrl(url, environment),
    endpointId: endpoint.toLowerCase(),
    isDeadOnly,
    since: since === undefined ? null : parseTime(since),
  };
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (TIME.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--since must be a time like 2026-01-31T12:00:00Z, not "${text}".`);
}
