import type { Emulator } from "../../cloudflare-emulator/emulator.ts";

/** Variables of wrangler and the release commands: ours, without what might lead a command elsewhere. */
export function commandEnvironment(
  { apiUrl, apiToken, accountId }: Pick<Emulator, "apiUrl" | "apiToken" | "accountId">,
  databaseUrl: string,
  apiKeys: readonly string[],
): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(CLOUDFLARE_|CF_|WRANGLER_|RELEASE_|RPC_|TELEMETRY_|METRICS_|MIGRATION_|NODE_OPTIONS$|FORCE_COLOR$)/.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(inherited),
    CI: "1",
    NO_COLOR: "1",
    CLOUDFLARE_API_BASE_URL: apiUrl,
    CLOUDFLARE_API_TOKEN: apiToken,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    RELEASE_TARGET: "rehearsal",
    RELEASE_API_KEYS: apiKeys.join(","),
    MIGRATION_DATABASE_URL: databaseUrl,
  };
}
