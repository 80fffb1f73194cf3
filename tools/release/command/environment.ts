import { UsageError } from "../../command/usage-error.ts";
import { assertDirectConnection } from "../../db/database-url.ts";
import { isLoopback } from "./loopback.ts";

const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";

/** Where a release goes, as the environment says; it holds secrets. */
export interface ReleaseTarget {
  readonly kind: "cloudflare" | "rehearsal";
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
  /** Origin of the deployed Worker, without a slash at the end; empty for one that has no address. */
  readonly url: string;
}

export interface ReleaseSecrets {
  readonly apiKeys: readonly [string, ...string[]];
  readonly databaseUrl: string;
  /** Commit whose checks have passed elsewhere. */
  readonly verifiedCommit: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const URL_VARIABLE = "RELEASE_URL";
const ACCESS_VARIABLES = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"] as const;
const RELEASE_VARIABLES = [URL_VARIABLE, ...ACCESS_VARIABLES, "RELEASE_API_KEYS", "MIGRATION_DATABASE_URL"] as const;

/**
 * Reads what both commands need. The API's base URL is obeyed silently by wrangler, so it has to agree with the target.
 * @param urlVariable has the Worker's origin; null for one that has no address
 * @throws UsageError that names all that is missing, never a value of a secret
 */
export function readTarget(env: Environment, urlVariable: string | null = URL_VARIABLE): ReleaseTarget {
  requireVariables(env, [...(urlVariable === null ? [] : [urlVariable]), ...ACCESS_VARIABLES]);
  const kind = readKind(env["RELEASE_TARGET"] || "cloudflare");
  const accountId = env["CLOUDFLARE_ACCOUNT_ID"] ?? "";
  if (!/^[0-9a-f]{32}$/i.test(accountId))
    throw new UsageError("CLOUDFLARE_ACCOUNT_ID must have 32 hexadecimal digits.");
  const apiToken = env["CLOUDFLARE_API_TOKEN"] ?? "";
  if (!/^[\x21-\x7e]+$/.test(apiToken)) throw new UsageError("CLOUDFLARE_API_TOKEN must be visible ASCII characters.");
  return {
    kind,
    apiBaseUrl: readBaseUrl(env, kind),
    apiToken,
    accountId,
    url: urlVariable === null ? "" : readUrl(env, urlVariable, kind),
  };
}

/**
 * Reads what a release needs beyond that.
 * @throws UsageError
 */
export function readReleaseSecrets(env: Environment): ReleaseSecrets {
  requireVariables(env, RELEASE_VARIABLES);
  const [first, ...others] = (env["RELEASE_API_KEYS"] ?? "").split(",").map((key) => key.trim());
  const isValid = (key: string | undefined): key is string => key !== undefined && /^[\x21-\x7e]+$/.test(key);
  if (!isValid(first) || !others.every(isValid)) {
    throw new UsageError("RELEASE_API_KEYS must be keys of visible ASCII characters, separated by commas.");
  }
  return {
    apiKeys: [first, ...others],
    databaseUrl: readDatabaseUrl(env),
    verifiedCommit: readVerifiedCommit(env["RELEASE_VERIFIED_COMMIT"]),
  };
}

function requireVariables(env: Environment, names: readonly string[]): void {
  const missing = names.filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) throw new UsageError(`Missing in the environment: ${missing.join(", ")}. See --help.`);
}

function readKind(text: string): ReleaseTarget["kind"] {
  if (text === "cloudflare" || text === "rehearsal") return text;
  throw new UsageError(`RELEASE_TARGET must be cloudflare or rehearsal, not "${text}".`);
}

/** wrangler also obeys the old name of the variable. */
const BASE_URL_VARIABLES = ["CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL"] as const;

function readBaseUrl(env: Environment, kind: ReleaseTarget["kind"]): string {
  const given = BASE_URL_VARIABLES.flatMap((name) => (env[name] ? [{ name, value: env[name] }] : []));
  const isFit = kind === "cloudflare" ? (value: string) => value === CLOUDFLARE_API : isLoopback;
  const unfit = given.find(({ value }) => !isFit(value));
  if (unfit !== undefined) {
    const wanted = kind === "cloudflare" ? `unset or ${CLOUDFLARE_API}` : "an address on this machine (the emulator)";
    throw new UsageError(`The target is ${kind}, so ${unfit.name} must be ${wanted}${describeUnfit(unfit.value)}.`);
  }
  if (kind === "cloudflare") return CLOUDFLARE_API;
  const [first, second] = given;
  if (first === undefined)
    throw new UsageError("The target is rehearsal, so CLOUDFLARE_API_BASE_URL must be the emulator's.");
  if (second !== undefined && second.value !== first.value) {
    throw new UsageError("CLOUDFLARE_API_BASE_URL and CF_API_BASE_URL differ: unset the second one.");
  }
  return first.value;
}

function readUrl(env: Environment, name: string, kind: ReleaseTarget["kind"]): string {
  const text = env[name] ?? "";
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new UsageError(`${name} must be an http or https origin without path, as in https://users.example.com`);
  }
  if (kind === "rehearsal" && !isLoopback(text)) {
    throw new UsageError(`The target is rehearsal, so ${name} must be on this machine, not ${url.origin}.`);
  }
  if (kind === "cloudflare" && (isLoopback(text) || url.protocol !== "https:")) {
    throw new UsageError(
      `The target is cloudflare, so ${name} must be https and not on this machine, not ${url.origin}.`,
    );
  }
  return url.origin;
}

/** A rehearsal must not migrate somebody's real database because its URL was still exported. */
function readDatabaseUrl(env: Environment): string {
  const url = env["MIGRATION_DATABASE_URL"] ?? "";
  try {
    assertDirectConnection(url);
  } catch (error) {
    throw new UsageError(`MIGRATION_DATABASE_URL: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (readKind(env["RELEASE_TARGET"] || "cloudflare") === "rehearsal" && !isLoopback(url)) {
    throw new UsageError("The target is rehearsal, so MIGRATION_DATABASE_URL must be on this machine.");
  }
  return url;
}

/** @throws UsageError when it is no full id */
export function readVerifiedCommit(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return text;
  throw new UsageError("RELEASE_VERIFIED_COMMIT must be a full commit id.");
}

/** Shows neither user nor password, and nothing that looks like what is wanted. */
function describeUnfit(text: string): string {
  const url = URL.parse(text);
  const shown = url === null ? "what it is" : `${url.origin}${url.pathname}`;
  return shown === CLOUDFLARE_API ? ", to the letter: no capitals, user, port or parameters" : `, not ${shown}`;
}
