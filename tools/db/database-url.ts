import { UsageError } from "../command/usage-error.ts";

/**
 * Finds the direct connection: `flag`, else MIGRATION_DATABASE_URL, else DATABASE_URL. Throws a UsageError, which never
 * holds the URL, when there is none or it cannot serve.
 */
export function resolveDatabaseUrl(flag: string | undefined, environment: NodeJS.ProcessEnv): string {
  const url = flag ?? environment["MIGRATION_DATABASE_URL"] ?? environment["DATABASE_URL"];
  if (url === undefined || url === "") {
    throw new UsageError("no database: give --url, or set MIGRATION_DATABASE_URL or DATABASE_URL");
  }
  assertDirectConnection(url);
  return url;
}

/** Parameters that the driver takes in place of what stands before the path. */
const MISLEADING = ["host", "hostaddr", "port"] as const;

/** Throws a UsageError unless `url` is a PostgreSQL URL that reaches the server it shows, not Neon's pooler. */
export function assertDirectConnection(url: string): void {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new UsageError("the database URL is not of the form postgresql://user:password@host/database");
  }
  const misleading = MISLEADING.filter((name) => parsed.searchParams.has(name));
  if (misleading.length > 0) {
    throw new UsageError(
      `the database URL has the parameter ${misleading.join(", ")}, which would lead to another server than the one it shows`,
    );
  }
  if (parsed.hostname.split(".", 1)[0]?.endsWith("-pooler") === true) {
    throw new UsageError(
      `${parsed.hostname} is Neon's connection pooler, which shares sessions between clients: the lock and the time-outs ` +
        'set here would be lost. Use the direct host, the same name without "-pooler"',
    );
  }
}

/** Host and database for messages: no user, no password, no parameters. */
export function describeDatabase(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
