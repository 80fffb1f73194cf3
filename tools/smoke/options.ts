import { parseFlags } from "../command/parse-flags.ts";
import { UsageError } from "../command/usage-error.ts";

export const HELP = `npm run smoke -- --url URL [options]

Calls every endpoint of a running deployment, in ways that must succeed and in ways that must be refused.
Prints one line per check and removes the users it made, also after failures and on Ctrl-C.

  --url URL              origin of the deployment, as in http://127.0.0.1:8787
  --api-key KEY          key for X-API-Key (default: SMOKE_API_KEY or API_KEY of the environment)
  --header 'NAME: VALUE' sent with every request; may be repeated
  --expect-version ID    every answer must come from this version (X-Version-Id)
  --read-only            nothing is written; checks that would are skipped
  --no-cleanup           leave the users of this run in place
  --timeout-ms N         longest wait for one answer (default 10000)
  --help                 this text

With a key given, an API that answers without one has failed.
Exit code: 0 all passed, 1 something failed, 2 wrong usage or missing key, 3 unreachable, 130 interrupted.
NO_COLOR switches colours off.
`;

/** What to examine, and how. */
export interface SmokeOptions {
  /** Origin of the deployment, without a slash at the end. */
  readonly url: string;
  readonly apiKey: string | null;
  /** Sent with every request, as with a version override. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Value that X-Version-Id must have in every answer; null accepts any. */
  readonly expectVersion: string | null;
  readonly isReadOnly: boolean;
  readonly hasCleanup: boolean;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
}

/** Generous: a cold isolate in front of a sleeping database takes seconds, not tens of them. */
const DEFAULT_TIMEOUT_MS = "10000";
const MAX_TIMEOUT_MS = 300_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line and the environment; null asks for the help text.
 * @throws UsageError that says which value is wrong, never what a secret is
 */
export function parseSmokeOptions(args: readonly string[], env: Environment): SmokeOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help === true) return null;
  return {
    url: parseOrigin(flags.url),
    apiKey: parseApiKey(flags["api-key"] ?? (env["SMOKE_API_KEY"] || env["API_KEY"])),
    headers: (flags.header ?? []).map(parseHeader),
    expectVersion: flags["expect-version"] ?? null,
    isReadOnly: flags["read-only"] ?? false,
    hasCleanup: !(flags["no-cleanup"] ?? false),
    timeoutMs: parseTimeout(flags["timeout-ms"] ?? DEFAULT_TIMEOUT_MS),
  };
}

const FLAGS = {
  url: { type: "string" },
  "api-key": { type: "string" },
  header: { type: "string", multiple: true },
  "expect-version": { type: "string" },
  "read-only": { type: "boolean" },
  "no-cleanup": { type: "boolean" },
  "timeout-ms": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function parseOrigin(text: string | undefined): string {
  if (text === undefined) throw new UsageError("--url is missing: give the origin of the deployment.");
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin)
    throw new UsageError("--url must be an http or https origin without path, as in http://127.0.0.1:8787");
  return url.origin;
}

function parseApiKey(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  if (!/^[\x21-\x7e]+$/.test(text)) throw new UsageError("The API key must consist of visible ASCII characters.");
  return text;
}

function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~A-Za-z0-9-]+):[ \t]*([\x20-\x7e]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--header must look like 'Name: value'.");
  return [name, value.trim()];
}

function parseTimeout(text: string): number {
  const timeoutMs = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new UsageError(`--timeout-ms must be a number from 1 to ${MAX_TIMEOUT_MS}.`);
}
