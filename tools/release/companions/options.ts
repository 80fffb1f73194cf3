import { parseFlags } from "../../command/parse-flags.ts";
import { type EnvironmentName, parseEnvironmentName } from "../command/usage.ts";
import { type Companion, configOf } from "./companion.ts";

/** Help text of `npm run release -- --worker …`. */
export function companionHelp(companion: Companion): string {
  const { name, urlVariable, texts } = companion;
  const before = urlVariable === null ? "" : "looked at through the version override at 0 %, ";
  const environment = [
    "  RELEASE_TARGET           cloudflare (default) or rehearsal; has to agree with the addresses below",
    ...(urlVariable === null ? [] : [`  ${urlVariable.padEnd(25)}origin of the deployed Worker`]),
    ...(texts.variables === "" ? [] : [texts.variables]),
    "  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID",
    "  CLOUDFLARE_API_BASE_URL  in a rehearsal: the emulator",
    "  RELEASE_VERIFIED_COMMIT  full id of a commit whose checks have passed elsewhere: for that one they are not repeated",
    "  NO_COLOR                 no colours",
  ];
  return `npm run release -- --worker ${name} --env staging|production [options]

Releases the Worker of ${name}/ as it is checked out. What happens depends on whether this version has a class migration (an entry of
migrations in ${configOf(companion)}) that the Worker has not applied yet:

  without one   a version is uploaded, ${before}and given all traffic at once;
                when a look fails, all traffic goes back to the version before
  with one      the version is deployed at once, with wrangler deploy: Cloudflare refuses it as an upload (10211). It cannot be
                gradual, and no version from before the migration can be deployed again

${texts.about}

Order: ${texts.order}.

  --worker NAME      ${name} (the API without this option, or with api)
${OPTIONS}
Environment:
${environment.join("\n")}
${EXIT_CODES}`;
}

const OPTIONS = `  --env NAME         staging or production
  --report FILE      writes a JSON report, whatever the outcome
  --dry-run          checks everything and prints the plan; changes nothing
  --yes              does not ask before production is changed
  --help             this text
`;

const EXIT_CODES = `
Exit code: 0 released, 1 stopped before anything changed, 2 wrong usage or environment, 3 the version was rejected and rolled back
(verified), 4 the state is not verified, or the version is bad and past a class migration: an operator must look, 130 interrupted
in a safe state.
`;

export interface CompanionOptions {
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
export function parseCompanionOptions(args: readonly string[]): CompanionOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  return {
    env: parseEnvironmentName(flags.env),
    reportFile: flags.report ?? null,
    isDryRun: flags["dry-run"],
    isConfirmed: flags.yes,
  };
}
