import { SHARED_POSTGRES_URL, startPostgres } from "../../tools/postgres/index.ts";

/** One PostgreSQL for all test files, each with databases of its own: making a cluster for each would take longer than most tests. */
export default async function sharePostgres(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  process.env[SHARED_POSTGRES_URL] = server.url;
  return async () => {
    delete process.env[SHARED_POSTGRES_URL];
    await server.close();
  };
}
