import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { onTestFinished, test } from "vitest";

import { startLoad } from "../../tools/rehearsal/load/index.ts";

interface SeenRequest {
  readonly key: string | null;
  readonly isKept: boolean;
  /** How many requests with this key were under way, this one included. */
  readonly sameKey: number;
  readonly apiKey: string | undefined;
  /** Until the whole body was there. */
  readonly bodyMs: number;
}

/** Answers everything wrongly, and every tenth request not at all. */
async function startBrokenService() {
  const seen: SeenRequest[] = [];
  const underWay = new Map<string, number>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = performance.now();
    const key = request.headers["cloudflare-workers-version-key"]?.toString() ?? null;
    const sameKey = key === null ? 0 : (underWay.get(key) ?? 0) + 1;
    if (key !== null) underWay.set(key, sameKey);
    await request.resume().toArray();
    const number = seen.push({
      key,
      sameKey,
      isKept: request.headers.connection === "keep-alive",
      apiKey: request.headers["x-api-key"]?.toString(),
      bodyMs: performance.now() - startedAt,
    });
    await sleep(20);
    if (key !== null) underWay.set(key, sameKey - 1);
    if (number % 10 === 0) request.socket.destroy();
    else response.writeHead(500, { "X-Version-Id": "v1", "X-Injected-Fault": "error" }).end("oops");
  };
  return { seen, origin: await serve((request, response) => void handle(request, response)) };
}

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

test("the load counts every wrong and every missing answer, and repeats no request by itself", async ({ expect }) => {
  const { seen, origin } = await startBrokenService();
  const controlOrigin = await serve((_, response) => response.end("ok"));
  const load = startLoad({
    origin,
    controlOrigin,
    rate: 200,
    maxRate: 200,
    seed: 4,
    apiKeys: ["one", "two"],
    users: [],
  });
  // On a busy machine the load sends less.
  while (load.records.length <= 200) await sleep(50);
  const expectations = await load.stop();
  const { records, room } = load;

  expect(records).toHaveLength(seen.length);
  expect(records.every(({ problem }) => problem !== null)).toBe(true);
  const [answered, unanswered] = [true, false].map((isAnswered) =>
    records.filter(({ version }) => (version !== null) === isAnswered),
  );
  expect(unanswered).toHaveLength(Math.floor(seen.length / 10));
  expect(unanswered?.every(({ problem, injectedFault }) => problem?.includes("ECONNRESET") && !injectedFault)).toBe(
    true,
  );
  expect(answered?.every(({ version, injectedFault }) => version === "v1" && injectedFault === "error")).toBe(true);
  const controls = room.flatMap((sample) => sample.controls);
  expect(controls.length).toBeGreaterThan(3);
  expect(controls.every(({ isAnswered }) => isAnswered)).toBe(true);
  // Each creation was tried twice with its key; then nobody knows.
  const creations = records.filter(({ operation }) => operation === "create" || operation === "slow upload");
  expect(expectations).toHaveLength(creations.length / 2);
  expect(expectations.every(({ allowed }) => allowed.length === 2)).toBe(true);

  expect(new Set(seen.map(({ isKept }) => isKept)).size).toBe(2);
  expect(new Set(seen.map(({ apiKey }) => apiKey))).toEqual(new Set(["one", "two"]));
  expect(seen.some(({ key }) => key === null) && seen.some(({ key }) => key !== null)).toBe(true);
  expect(Math.max(...seen.map(({ sameKey }) => sameKey))).toBe(1);
  expect(Math.max(...seen.map(({ bodyMs }) => bodyMs))).toBeGreaterThan(800);
});
