import { resolveDatabaseUrl } from "../../db/database-url.ts";

/**
 * The database to back up: `flag`, else MIGRATION_DATABASE_URL, else DATABASE_URL. A snapshot is shared by sessions of one
 * server, so Neon's pooler does not do; the server behind it has the same name without "-pooler".
 * @throws UsageError
 */
export function resolveDirectUrl(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv,
  log: (line: string) => void,
): string {
  const given = flag ?? (environment["MIGRATION_DATABASE_URL"] || environment["DATABASE_URL"]);
  const direct = given?.replace(/^([^?#]*@[^.?#/]+)-pooler\./, "$1.");
  if (direct !== undefined && direct !== given) {
    log(
      `notice: the URL names Neon's connection pooler; the backup uses the direct host ${URL.parse(direct)?.host ?? ""}`,
    );
  }
  return resolveDatabaseUrl(direct, {});
}
