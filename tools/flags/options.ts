import path from "node:path";

import { isFlagState } from "../../src/flags/flag-file.ts";
import { FLAG_NAMES, type FlagName, type FlagState } from "../../src/models/feature-flag.ts";
import { parseWords } from "../command/parse-flags.ts";
import { UsageError } from "../command/usage-error.ts";
import { parseOptions as parseStartOptions } from "../dev/options.ts";
import { workerState } from "../dev/worker-state.ts";
import { type Environment } from "../release/command/environment.ts";
import { isLoopback } from "../release/command/loopback.ts";
import { assertConfirmable, type EnvironmentName, parseEnvironmentName } from "../release/command/usage.ts";

export const HELP = `npm run flags -- list --env staging|production | --local
npm run flags -- set FLAG on|off|NN%|default --env staging|production | --local [--yes]

Lists the feature flags, or changes one: on or off for everybody, on for a share of the callers, or as the code has it (docs/flags.md). No
release is needed: isolates look again within 30 s, and Cloudflare's KV may take a minute more to bring a change everywhere.

  --env NAME    staging or production: the KV namespace that the deployed Worker has as FLAGS
  --local       the namespace of npm start on this machine, with the same PORT and DATA_DIR; also while it runs
  --replace     with set: writes a new file in the place of one that is invalid, which has no other flags then
  --yes         with set: does not ask before production is changed
  --help        this text

Flags: ${FLAG_NAMES.join(", ")}.

Environment: CLOUDFLARE_API_TOKEN (with the permission "Workers KV Storage: Edit"), CLOUDFLARE_ACCOUNT_ID, and
CLOUDFLARE_API_BASE_URL for the emulator on this machine; PORT and DATA_DIR with --local.

Exit code: 0 done, also when nothing was to change; 1 failed, not confirmed, or the file is invalid; 2 wrong usage or environment; 130 interrupted.
`;

/** Where the flag file is. */
export type FlagPlace =
  | { readonly kind: "local"; readonly persistTo: string }
  | { readonly kind: "deployed"; readonly env: EnvironmentName; readonly access: CloudflareAccess };

export interface CloudflareAccess {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
}

export type FlagsCommand =
  | { readonly kind: "list"; readonly place: FlagPlace }
  | {
      readonly kind: "set";
      readonly place: FlagPlace;
      readonly flag: FlagName;
      /** Null takes the flag out of the file. */
      readonly state: FlagState | null;
      readonly isReplacing: boolean;
      readonly isConfirmed: boolean;
    };

export interface FlagsSources {
  readonly env: Environment;
  readonly root: string;
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
}

const FLAGS = {
  env: { type: "string" },
  local: { type: "boolean", default: false },
  replace: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseFlagsOptions(args: readonly string[], sources: FlagsSources): FlagsCommand | null {
  const { values, positionals } = parseWords(args, FLAGS);
  if (values.help) return null;
  const [action, ...words] = positionals;
  if (action === "list") return parseList(words, values, sources);
  if (action === "set") return parseSet(words, values, sources);
  throw new UsageError(`Say list or set${action === undefined ? "" : `, not "${action}"`}.`);
}

type Values = ReturnType<typeof parseWords<typeof FLAGS>>["values"];

function parseList(words: readonly string[], { replace, yes, ...values }: Values, sources: FlagsSources): FlagsCommand {
  if (words.length > 0) throw new UsageError("list takes no further words.");
  if (replace || yes) throw new UsageError("--replace and --yes belong to set.");
  return { kind: "list", place: parsePlace(values, sources) };
}

function parseSet(words: readonly string[], values: Values, sources: FlagsSources): FlagsCommand {
  const [flag, state, ...rest] = words;
  if (flag === undefined || state === undefined || rest.length > 0)
    throw new UsageError("set takes a flag and its state, as in: set users-events-stream 25%");
  const known = FLAG_NAMES.find((name) => name === flag);
  if (known === undefined) throw new UsageError(`There is no flag "${flag}". There are: ${FLAG_NAMES.join(", ")}.`);
  const parsed = parseState(state);
  const place = parsePlace(values, sources);
  if (place.kind === "deployed")
    assertConfirmable({ env: place.env, isConfirmed: values.yes, isInteractive: sources.isInteractive });
  return { kind: "set", place, flag: known, state: parsed, isReplacing: values.replace, isConfirmed: values.yes };
}

function parseState(text: string): FlagState | null {
  if (text === "default") return null;
  if (isFlagState(text)) return text;
  throw new UsageError(`A flag is on, off, default, or on for a whole share of the callers as in 25%, not "${text}".`);
}

function parsePlace({ env: name, local }: Pick<Values, "env" | "local">, { env, root }: FlagsSources): FlagPlace {
  if (local === (name !== undefined)) throw new UsageError("Say where: --local, or --env staging or production.");
  if (!local) return { kind: "deployed", env: parseEnvironmentName(name), access: readAccess(env) };
  const { dataDir, port } = parseStartOptions({ args: [], env, devVars: {}, root });
  return { kind: "local", persistTo: workerState(dataDir, port).persistTo };
}

const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";

function readAccess(env: Environment): CloudflareAccess {
  const missing = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"].filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) throw new UsageError(`Missing in the environment: ${missing.join(", ")}.`);
  const apiBaseUrl = env["CLOUDFLARE_API_BASE_URL"] || CLOUDFLARE_API;
  if (apiBaseUrl !== CLOUDFLARE_API && !isLoopback(apiBaseUrl))
    throw new UsageError("CLOUDFLARE_API_BASE_URL must be unset, or the emulator's on this machine.");
  const [apiToken, accountId] = [env["CLOUDFLARE_API_TOKEN"] ?? "", env["CLOUDFLARE_ACCOUNT_ID"] ?? ""];
  if (!/^[0-9a-f]{32}$/i.test(accountId))
    throw new UsageError("CLOUDFLARE_ACCOUNT_ID must have 32 hexadecimal digits.");
  return { apiBaseUrl, apiToken, accountId };
}

/** For messages. */
export function describePlace(place: FlagPlace, root: string): string {
  return place.kind === "local" ? `npm start (${path.relative(root, place.persistTo) || "."})` : place.env;
}
