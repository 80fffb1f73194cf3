import { createServer, type IncomingMessage, type Server } from "node:http";

import { afterAll, beforeAll, test } from "vitest";

import { serveWorker, type ServedWorker } from "../../tools/dev/worker/serve.ts";
import { responseContract } from "../support/response-contract.ts";
import { buildApi } from "../support/worker-build.ts";

const DATABASE_URL = "postgresql://app:pa55word@localhost/users";

const servers: Server[] = [];
let worker: ServedWorker;
/** What reached the place that the redirect names. */
const elsewhere: IncomingMessage[] = [];

/** Answers each request on a port of its own; gives its origin. */
async function listen(location: string | null, seen: IncomingMessage[]): Promise<string> {
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(location === null ? 500 : 307, location === null ? {} : { Location: location }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const asked: IncomingMessage[] = [];

beforeAll(async () => {
  const endpoint = await listen(`${await listen(null, elsewhere)}/sql`, asked);
  worker = await serveWorker({
    bundleDir: await buildApi(),
    port: 0,
    vars: { DATABASE_URL, DATABASE_FETCH_ENDPOINT: `${endpoint}/sql` },
    onLog: () => {},
  });
});

afterAll(async () => {
  await worker?.stop();
  for (const server of servers) server.close();
});

test("a redirect of the database's proxy is not followed: the password goes to the configured place only", async ({
  expect,
}) => {
  const url = new URL("/api/v1/users", worker.url);
  const response = await fetch(url);
  await responseContract.check({ method: "GET", url, response });
  expect(response.status).toBe(503);
  expect(asked.map(({ headers }) => headers["neon-connection-string"])).toEqual([expect.stringContaining("pa55word")]);
  expect(elsewhere.map(({ url: target }) => target)).toEqual([]);
});
