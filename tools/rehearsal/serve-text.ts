import type { Emulator } from "./emulator.ts";
import type { Script } from "./model.ts";

export interface GreetingInput {
  readonly emulator: Pick<Emulator, "apiUrl" | "apiToken" | "accountId" | "proxyUrl" | "subdomain">;
  /** The database that was started as well, if any. */
  readonly database: { readonly url: string; readonly secretsFile: string } | null;
}

/** What to export and what to type, complete enough to be copied. */
export function formatGreeting({ emulator, database }: GreetingInput): string {
  const exports = [
    `CLOUDFLARE_API_BASE_URL=${emulator.apiUrl}`,
    `CLOUDFLARE_API_TOKEN=${emulator.apiToken}`,
    `CLOUDFLARE_ACCOUNT_ID=${emulator.accountId}`,
    "WRANGLER_SEND_METRICS=false",
    "WRANGLER_SEND_ERROR_REPORTS=false",
    "RELEASE_TARGET=rehearsal",
    ...(database === null ? [] : databaseExports(database)),
  ];
  const secrets = database === null ? "SECRETS.json" : database.secretsFile;
  const host = `users-api-production.${emulator.subdomain}.workers.dev`;
  return [
    "",
    "The emulated Cloudflare is ready. Export this, in the terminal where wrangler or npm run release is to run:",
    ...exports.map((line) => `  export ${line}`),
    "",
    "Then, for example:",
    `  npx wrangler deploy --env production --secrets-file ${secrets}`,
    "  npx wrangler versions upload --env production --tag $(git rev-parse --short HEAD)",
    "  npx wrangler versions deploy NEW_ID@10% OLD_ID@90% -y --env production",
    "  npx wrangler rollback OLD_ID -y --env production",
    "  npx wrangler tail --env production",
    "",
    "For npm run release, also the address that is shown here when the Worker is deployed:",
    "  export RELEASE_URL=http://127.0.0.1:PORT",
    "",
    `Workers by Host   curl -H 'Host: ${host}' ${emulator.proxyUrl}/health`,
    `Control           curl ${new URL("/__emulator/state", emulator.apiUrl).href} (also calls, faults, cron)`,
    "Ctrl-C stops everything; what was deployed is kept.",
    "",
  ].join("\n");
}

/** The key itself stays in its file. */
function databaseExports({ url, secretsFile }: NonNullable<GreetingInput["database"]>): readonly string[] {
  const readKey = `node -p 'JSON.parse(fs.readFileSync("${secretsFile}", "utf8")).API_KEY'`;
  return [`MIGRATION_DATABASE_URL='${url}'`, `RELEASE_API_KEYS="$(${readKey})"`];
}

/** One line about what of a script is live: `name  1a2b3c4d 10 %  5e6f7a8b 90 %  http://127.0.0.1:PORT`. */
export function formatDeployment(
  { name, deployments }: Pick<Script, "name" | "deployments">,
  origin: string | null,
): string {
  const shares =
    deployments[0]?.versions.map(({ versionId, percentage }) => `${versionId.slice(0, 8)} ${percentage} %`) ?? [];
  return [name, ...shares, ...(origin === null ? [] : [origin])].join("  ");
}
