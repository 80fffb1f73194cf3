import { formatGreeting, type ServedEmulator } from "../../cloudflare-emulator/serve/text.ts";

/** The database that was started as well. */
export interface GreetedDatabase {
  readonly url: string;
  readonly secretsFile: string;
}

/** What to export and what to type to release this project, complete enough to be copied. */
export function greetReleaser(emulator: ServedEmulator, database: GreetedDatabase | null): string {
  return formatGreeting(emulator, {
    reader: "wrangler or npm run release",
    exports: ["RELEASE_TARGET=rehearsal", ...(database === null ? [] : databaseExports(database))],
    examples: [
      "Then, for example:",
      `  npx wrangler deploy --env production --secrets-file ${database?.secretsFile ?? "SECRETS.json"}`,
      "  npx wrangler versions upload --env production --tag $(git rev-parse --short HEAD)",
      "  npx wrangler versions deploy NEW_ID@10% OLD_ID@90% -y --env production",
      "  npx wrangler rollback OLD_ID -y --env production",
      "  npx wrangler tail --env production",
      "",
      "For npm run release, also the address that is shown here when the Worker is deployed:",
      "  export RELEASE_URL=http://127.0.0.1:PORT",
    ],
    worker: "users-api-production",
  });
}

/** The key itself stays in its file. */
function databaseExports({ url, secretsFile }: GreetedDatabase): readonly string[] {
  const readKey = `node -p 'JSON.parse(fs.readFileSync("${secretsFile}", "utf8")).API_KEY'`;
  return [`MIGRATION_DATABASE_URL='${url}'`, `RELEASE_API_KEYS="$(${readKey})"`];
}
