import { parseFlags } from "../../tools/command/parse-flags.ts";
import { UsageError } from "../../tools/command/usage-error.ts";
import { type EnvironmentName, ENVIRONMENTS } from "../desired-state.ts";

export const HELP = `npm run setup -- [options]

Makes what ops/desired-state.ts asks for: the project at Neon, its branches, databases and roles, the first deployment of each
Worker, and the secrets of Workers and releases. What is there is kept, what differs is changed, nothing is ever deleted. It shows
the plan, and asks. A run that failed or was interrupted goes on where it stopped when it is run again.

  --dry-run          shows the plan; changes nothing
  --only NAME        the tables, roles and secrets of staging or production alone (default: both)
  --store LIST       who keeps the secrets: wrangler (the Workers'), github (those of releases, through gh), or print (either kind
                     that the others do not keep); default wrangler,github
  --print-secrets    print is meant: passwords and keys will stand in the terminal
  --yes              does not ask
  --help             this text

Environment:
  NEON_API_KEY                                  key of an organisation, or of a person
  NEON_ORG_ID                                   the organisation, for the key of a person
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID   they are handed on to the GitHub environments too
  NEON_API_URL, CLOUDFLARE_API_BASE_URL         emulators, on this machine only
  NO_COLOR                                      no colours

Exit code: 0 done or nothing to do, 1 failed, 2 wrong usage or environment, 3 the plan has something that is refused, 130 interrupted.
`;

const KEEPERS = ["wrangler", "github", "print"] as const;
type Keeper = (typeof KEEPERS)[number];
const DEFAULT_STORES: readonly string[] = ["wrangler", "github"];

export interface SetupOptions {
  readonly isDryRun: boolean;
  readonly selected: readonly EnvironmentName[];
  readonly workerStore: "wrangler" | "print";
  readonly pipelineStore: "github" | "print";
  readonly isConfirmed: boolean;
}

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseSetupOptions(args: readonly string[]): SetupOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  const keepers = (flags.store ?? DEFAULT_STORES).flatMap((list) => list.split(",")).map(parseKeeper);
  const prints = keepers.includes("print");
  if (prints && !flags["print-secrets"]) {
    throw new UsageError("--store print shows passwords and keys: give --print-secrets too, if that is meant.");
  }
  if (flags["print-secrets"] && !prints) throw new UsageError("--print-secrets belongs to --store print.");
  return {
    isDryRun: flags["dry-run"],
    selected: flags.only === undefined ? ENVIRONMENTS : [parseEnvironment(flags.only)],
    workerStore: choose(keepers, "wrangler", "the Workers' secrets"),
    pipelineStore: choose(keepers, "github", "the secrets of releases"),
    isConfirmed: flags.yes,
  };
}

function choose<Kind extends Keeper>(keepers: readonly Keeper[], kind: Kind, what: string): Kind | "print" {
  if (keepers.includes(kind)) return kind;
  if (keepers.includes("print")) return "print";
  throw new UsageError(`--store says nobody who keeps ${what}: add ${kind}, or print.`);
}

const FLAGS = {
  "dry-run": { type: "boolean", default: false },
  only: { type: "string" },
  store: { type: "string", multiple: true },
  "print-secrets": { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function parseKeeper(text: string): Keeper {
  const found = KEEPERS.find((name) => name === text.trim());
  if (found === undefined) throw new UsageError(`--store knows ${KEEPERS.join(", ")}, not "${text}".`);
  return found;
}

function parseEnvironment(text: string): EnvironmentName {
  const found = ENVIRONMENTS.find((name) => name === text);
  if (found === undefined) throw new UsageError(`--only must be ${ENVIRONMENTS.join(" or ")}, not "${text}".`);
  return found;
}
