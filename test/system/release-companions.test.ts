import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";

import { openVersionLog } from "../../tools/release/companions/events/log.ts";
import { type RehearsedCompanion, startRehearsedCompanion } from "../support/rehearsed-companion.ts";

/** Several processes of wrangler, one after the other, on a machine that may be busy. */
const SLOW = { timeout: 300_000 };
const TARGET = ["--env", "staging"];

let world: RehearsedCompanion;

beforeAll(async () => {
  world = await startRehearsedCompanion();
});

afterAll(async () => {
  await world.stop();
});

describe("npm run release -- --worker rpc", () => {
  const WORKER = "users-api-rpc-staging";
  const PROBLEM = JSON.stringify({
    type: "/problems/missing-credentials",
    title: "Credentials are missing",
    status: 401,
    detail: "Send an API key.",
    request_id: "one",
  });
  /** What the API says to whoever does not say who they are. */
  const API = `export default { fetch: () => new Response('${PROBLEM}', {
    status: 401, headers: { "content-type": "application/problem+json", "www-authenticate": "ApiKey" },
  }) };`;
  const access = () => ({ RPC_URL: world.emulator.originOf(WORKER) ?? "" });
  const edit = (from: string, to: string): void => {
    const before = world.copy.read("rpc/src/http/server.ts");
    if (!before.includes(from)) throw new Error(`rpc/src/http/server.ts has no ${from}`);
    world.copy.write("rpc/src/http/server.ts", before.replace(from, to));
  };
  let first: readonly string[];

  beforeAll(async () => {
    const folder = path.join(world.copy.folder, "..", "api");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "api.js"), API);
    const config = { name: "users-api-staging", main: "api.js", compatibility_date: "2026-08-15" };
    writeFileSync(path.join(folder, "wrangler.json"), JSON.stringify(config));
    await world.wrangler(["deploy"], folder);
    await world.wrangler(["deploy", "--config", "rpc/wrangler.toml", ...TARGET]);
    first = await world.live(WORKER);
  }, 300_000);

  test("releases a version that reaches the API, and npm run rollback takes it back", SLOW, async ({ expect }) => {
    edit("/** No statements are made here. */", "/** No statements are made, here or elsewhere. */");
    const release = await world.run("release", ["--worker", "rpc"], access());
    expect(release).toMatchObject({ exitCode: 0, output: expect.stringContaining("and its calls reach the API.") });
    const [released, ...others] = await world.live(WORKER);
    expect([others, first]).not.toContain(released);
    expect(release.output).toContain(`Released: ${released}`);

    const rollback = await world.run("rollback", ["--worker", "rpc"], access());
    expect(rollback).toMatchObject({ exitCode: 0, output: expect.stringContaining(`Rolled back: ${first[0]}`) });
    expect(await world.live(WORKER)).toEqual(first);
  });

  test("gives nothing to a version that does not", SLOW, async ({ expect }) => {
    const before = await world.live(WORKER);
    edit("if (handler !== undefined)", 'if (handler !== undefined && request.method !== "POST")');
    const { exitCode, output } = await world.run("release", ["--worker", "rpc"], access());
    expect([exitCode, output]).toEqual([
      3,
      expect.stringContaining("A call by Connect gives unimplemented instead of unauthenticated."),
    ]);
    expect(output).toContain("Rejected at 0 % and rolled back");
    expect(await world.live(WORKER)).toEqual(before);
  });
});

describe("npm run release -- --worker events", () => {
  const WORKER = "users-api-events-staging";
  const CRON = "* * * * *";
  /** In the place of the Worker's own, which works with queues and a database. */
  const entry = (scheduled: string): string =>
    `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class EventsDispatcher extends WorkerEntrypoint {}
export class FeedDirectory extends DurableObject {}
export class UserEventFeed extends DurableObject {}
export default { async scheduled() { ${scheduled} } };`;
  const sound = entry("console.log('dispatched');");
  const misconfigured = entry('throw new Error("Invalid configuration: DATABASE_URL is missing");');

  const control = (body: object): Promise<Response> =>
    fetch(new URL("/__emulator/cron", world.emulator.apiUrl), { method: "POST", body: JSON.stringify(body) });

  /** Releases what is in the copy, while cron comes every half a second in place of every minute. */
  const release = async () => {
    const timer = setInterval(() => void control({ script: WORKER, cron: CRON }).catch(() => undefined), 500);
    try {
      return await world.run("release", ["--worker", "events"]);
    } finally {
      clearInterval(timer);
    }
  };

  beforeAll(async () => {
    await world.wrangler(["queues", "create", "users-api-deliveries-staging"]);
    await world.wrangler(["queues", "create", "users-api-dead-letters-staging"]);
    world.copy.write("events/src/index.ts", sound);
    writeFileSync(path.join(world.copy.folder, "..", "secrets.json"), '{"DATABASE_URL":"postgresql://a:b@c/d"}');
    const secrets = ["--secrets-file", "../secrets.json"];
    await world.wrangler(["deploy", "--config", "events/wrangler.toml", ...TARGET, ...secrets]);
  }, 300_000);

  test(
    "releases a version that runs by cron, and its triggers; npm run rollback takes it back",
    SLOW,
    async ({ expect }) => {
      const before = await world.live(WORKER);
      world.copy.write("events/src/index.ts", sound.replace("dispatched", "dispatched again"));
      const config = world.copy.read("events/wrangler.toml");
      world.copy.write("events/wrangler.toml", config.replaceAll("max_batch_size = 5", "max_batch_size = 4"));
      const calls = world.emulator.calls().length;
      const { exitCode, output } = await release();
      expect([exitCode, output]).toEqual([0, expect.stringContaining("and has run by cron without an error.")]);
      const after = await world.live(WORKER);
      expect(after).not.toEqual(before);
      const made = world.emulator.calls().slice(calls);
      const writes = made
        .filter(({ method }) => method !== "GET")
        .map(({ method, path: at }) => `${method} ${at.split("/").at(-1)}`);
      expect(writes.indexOf("POST tails")).toBeLessThan(writes.indexOf("POST versions"));
      expect(writes.indexOf("PUT schedules")).toBeGreaterThan(writes.indexOf("POST deployments"));
      const consumers = made.filter(({ method, path: at }) => method === "PUT" && at.includes("/consumers/"));
      expect(consumers.map(({ status }) => status)).toEqual([200]);

      const rollback = await world.run("rollback", ["--worker", "events"]);
      expect(rollback).toMatchObject({
        exitCode: 0,
        output: expect.stringContaining(`The deployments show ${before[0]} alone.`),
      });
      expect(await world.live(WORKER)).toEqual(before);
    },
  );

  test(
    "takes a version back whose configuration is wrong, and says what is wrong with it",
    SLOW,
    async ({ expect }) => {
      const before = await world.live(WORKER);
      world.copy.write("events/src/index.ts", misconfigured);
      const { exitCode, output } = await release();
      expect([exitCode, output]).toEqual([
        3,
        expect.stringContaining("Invalid configuration: DATABASE_URL is missing"),
      ]);
      expect(await world.live(WORKER)).toEqual(before);
    },
  );

  test("follows a log for so long, and reads none that it may not", SLOW, async ({ expect }) => {
    const { apiUrl: apiBaseUrl, apiToken, accountId } = world.emulator;
    const signal = new AbortController().signal;
    const log = openVersionLog({ apiBaseUrl, apiToken, accountId, scriptName: WORKER });
    const follow = async (forMs: number): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const run of log.follow("00000000-0000-4000-8000-000000000000", forMs, signal)) seen.push(run);
      return seen;
    };
    expect(await follow(200)).toEqual([]);
    await log.check(signal);
    const stranger = openVersionLog({ apiBaseUrl, apiToken: "an0ther", accountId, scriptName: WORKER });
    const refusal: unknown = await stranger.check(signal).catch((error: unknown) => error);
    expect(String(refusal)).toContain("Workers Tail: Read");
    expect(String(refusal)).not.toContain("an0ther");

    const tails = `${apiBaseUrl}/accounts/${accountId}/workers/scripts/${WORKER}/tails`;
    const headers = { authorization: `Bearer ${apiToken}` };
    const before = world.emulator.calls().length;
    const cutOff = follow(60_000).catch((error: unknown) => error);
    await expect.poll(() => world.emulator.calls().length, { timeout: 15_000 }).toBeGreaterThan(before);
    const open = z
      .object({ result: z.array(z.object({ id: z.string() })) })
      .parse(await (await fetch(tails, { headers })).json());
    for (const { id } of open.result) await fetch(`${tails}/${id}`, { method: "DELETE", headers });
    expect(String(await cutOff)).toContain("ended too soon");
  });
});
