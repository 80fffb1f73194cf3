import { UsageError } from "../../tools/command/usage-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const NEON_API = "https://console.neon.tech/api/v2";
const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";
const VISIBLE = /^[\x21-\x7e]+$/;

/** Whom to ask, and with what; it holds secrets. */
export interface Accounts {
  readonly neon: { readonly apiUrl: string; readonly apiKey: string; readonly orgId: string | null };
  readonly cloudflare: { readonly apiBaseUrl: string; readonly apiToken: string; readonly accountId: string };
}

/**
 * Reads the accounts. Both are real, or both are emulators of this machine: half of it would write to somebody's account.
 * @throws UsageError that names all that is missing, never a value of a secret
 */
export function readAccounts(env: Environment): Accounts {
  const names = ["NEON_API_KEY", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"] as const;
  requireVariables(env, names);
  const accountId = env["CLOUDFLARE_ACCOUNT_ID"] ?? "";
  if (!/^[0-9a-f]{32}$/i.test(accountId))
    throw new UsageError("CLOUDFLARE_ACCOUNT_ID must have 32 hexadecimal digits.");
  const neon = readNeon(env);
  const apiBaseUrl = readUrl(env, "CLOUDFLARE_API_BASE_URL", CLOUDFLARE_API);
  if ((neon.apiUrl === NEON_API) !== (apiBaseUrl === CLOUDFLARE_API)) {
    throw new UsageError("NEON_API_URL and CLOUDFLARE_API_BASE_URL must both be emulators, or neither.");
  }
  return { neon, cloudflare: { apiBaseUrl, apiToken: readSecret(env, "CLOUDFLARE_API_TOKEN"), accountId } };
}

/** Reads what concerns Neon alone. @throws UsageError */
export function readNeon(env: Environment): Accounts["neon"] {
  requireVariables(env, ["NEON_API_KEY"]);
  const apiKey = readSecret(env, "NEON_API_KEY");
  return { apiUrl: readUrl(env, "NEON_API_URL", NEON_API), apiKey, orgId: env["NEON_ORG_ID"] || null };
}

/** What emulators need besides: nothing of it can be beside a real account. */
export interface EmulatorAddresses {
  /** The proxy of Cloudflare's emulator, which finds a version by the host that a request names. */
  readonly proxyUrl: string | null;
  /** Variables that a Worker needs to find its database. */
  readonly workerVariables: Readonly<Record<string, string>>;
}

/** @throws UsageError */
export function readEmulatorAddresses(env: Environment): EmulatorAddresses {
  const names = ["PREVIEW_PROXY_URL", "DATABASE_FETCH_ENDPOINT"] as const;
  const [proxyUrl, endpoint] = names.map((name) => (env[name] ? readUrl(env, name, "") : null));
  const isEmulated = (env["NEON_API_URL"] || NEON_API) !== NEON_API;
  if (!isEmulated && (proxyUrl ?? endpoint ?? null) !== null) {
    throw new UsageError(`${names.join(" and ")} belong to emulators: unset them, or set NEON_API_URL.`);
  }
  return { proxyUrl: proxyUrl ?? null, workerVariables: endpoint ? { DATABASE_FETCH_ENDPOINT: endpoint } : {} };
}

/** @throws UsageError that names all that is missing */
export function requireVariables(env: Environment, names: readonly string[]): void {
  const missing = names.filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) throw new UsageError(`Missing in the environment: ${missing.join(", ")}.`);
}

function readSecret(env: Environment, name: string): string {
  const text = env[name] ?? "";
  if (!VISIBLE.test(text)) throw new UsageError(`${name} must be visible ASCII characters.`);
  return text;
}

function readUrl(env: Environment, name: string, real: string): string {
  const text = env[name] || real;
  const url = URL.parse(text);
  if (text === real || (url?.protocol === "http:" && url.hostname === "127.0.0.1")) return text;
  throw new UsageError(`${name} must be unset, or an emulator's address as in http://127.0.0.1:8790/…`);
}
