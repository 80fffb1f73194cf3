import { parseFlags } from "../../command/parse-flags.ts";
import { type EnvironmentName, parseEnvironmentName } from "../command/usage.ts";

export const HELP = `npm run release -- --worker telemetry --env staging|production [options]

Releases the telemetry Worker as it is checked out. It holds a Durable Object class, so what happens depends on whether this version
has a class migration (an entry of migrations in telemetry/wrangler.toml) that the Worker has not applied yet:

  without one   a version is uploaded, looked at through the version override at 0 %, and given all traffic at once; when /metrics
                does not answer as before, all traffic goes back to the version before
  with one      the version is deployed at once, with wrangler deploy: Cloudflare refuses it as an upload (10211). It cannot be
                gradual, and no version from before the migration can be deployed again

After either, /metrics has to know the token, come from the new version, and count no less than before.

  --worker NAME      telemetry (the API without this option, or with api)
  --env NAME         staging or production
  --report FILE      writes a JSON report, whatever the outcome
  --dry-run          checks everything and prints the plan; changes nothing
  --yes              does not ask before production is changed
  --help             this text

Environment:
  RELEASE_TARGET           cloudflare (default) or rehearsal; has to agree with the addresses below
  TELEMETRY_URL            origin of the deployed telemetry Worker
  METRICS_TOKEN            its token for /metrics
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID
  CLOUDFLARE_API_BASE_URL  in a rehearsal: the emulator
  RELEASE_VERIFIED_COMMIT  full id of a commit whose checks have passed elsewhere: for that one they are not repeated
  NO_COLOR                 no colours

Exit code: 0 released, 1 stopped before anything changed, 2 wrong usage or environment, 3 the version was rejected and rolled back
(verified), 4 the state is not verified, or the version is bad and past a class migration: an operator must look, 130 interrupted
in a safe state.
`;

export interface TelemetryReleaseOptions {
  readonly env: EnvironmentName;
  readonly reportFile: string | null;
  readonly isDryRun: boolean;
  readonly isConfirmed: boolean;
}

const FLAGS = {
  worker: { type: "string" },
  env: { type: "string" },
  report: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseTelemetryOptions(args: readonly string[]): TelemetryReleaseOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  return {
    env: parseEnvironmentName(flags.env),
    reportFile: flags.report ?? null,
    isDryRun: flags["dry-run"],
    isConfirmed: flags.yes,
  };
}
