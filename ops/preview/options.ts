import { parseFlags } from "../../tools/command/parse-flags.ts";
import { UsageError } from "../../tools/command/usage-error.ts";

export const HELP = `npm run preview:up -- --pull-request N      the pull request's own database and version, tested, with an address
npm run preview:down -- --pull-request N    deletes its database
npm run preview:sweep                       deletes the databases of all pull requests that are closed

The database is a branch of staging at Neon, which expires by itself a week after the last push; the version one of the Worker
users-api-preview. Each may be run as often as one likes.

  --pull-request N   its number
  --fork             preview:up for a pull request of a fork: says why there is none
  --help             this text

Environment:
  NEON_API_KEY, NEON_ORG_ID                     as for npm run setup
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID   preview:up
  PREVIEW_API_KEY                               preview:up: the API key of all previews; without it one is made, which only the
                                                smoke test knows
  GITHUB_TOKEN, GITHUB_REPOSITORY               comments on the pull request, if given; preview:sweep needs them
  NEON_API_URL, CLOUDFLARE_API_BASE_URL, PREVIEW_PROXY_URL   emulators, on this machine only

Exit code: 0 done, 1 failed, 2 wrong usage or environment, 130 interrupted.
`;

export type PreviewCommand =
  | { readonly name: "up" | "down"; readonly pullRequest: number }
  | { readonly name: "sweep" }
  | { readonly name: "fork" };

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parsePreviewCommand(args: readonly string[]): PreviewCommand | null {
  const [name, ...rest] = args;
  const flags = parseFlags(rest, FLAGS);
  if (flags.help) return null;
  if (name !== "up" && name !== "down" && name !== "sweep") throw new UsageError("Choose up, down or sweep.");
  if (flags.fork && name === "up") return { name: "fork" };
  if (name === "sweep") return { name };
  const text = flags["pull-request"] ?? "";
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError("--pull-request must be the number of a pull request.");
  return { name, pullRequest: Number(text) };
}

const FLAGS = {
  "pull-request": { type: "string" },
  fork: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;
