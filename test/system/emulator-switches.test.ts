import { Agent, type IncomingHttpHeaders, request as sendRequest } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type RunningDataPlane, startDataPlane } from "../../tools/cloudflare-emulator/data-plane/index.ts";
import { makeScript, makeVersions, type VersionMaker } from "../support/versions.ts";

const SWITCHES = 40;
const CHUNKS = 5;
const CHUNK_GAP_MS = 60;

/** Echoes uploads, streams slowly, and says which version it is. */
const SOURCE = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function trickle(writable) {
  const writer = writable.getWriter();
  for (let chunk = 0; chunk < ${CHUNKS}; chunk++) {
    await sleep(${CHUNK_GAP_MS});
    await writer.write(new TextEncoder().encode("chunk"));
  }
  await writer.close();
}
export default {
  async fetch(request, env, ctx) {
    const headers = { "X-Version": env.META.id };
    if (request.method === "POST") return new Response(await request.text(), { headers });
    if (!request.url.endsWith("/slow")) return new Response("ok", { headers });
    const { readable, writable } = new TransformStream();
    ctx.waitUntil(trickle(writable));
    return new Response(readable, { headers });
  },
};`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  readonly path?: string;
  readonly chunks?: number;
  readonly agent: Agent | false;
  readonly headers?: Record<string, string>;
}

let make: VersionMaker;
let dataPlane: RunningDataPlane;
const lines: string[] = [];

function call({ path = "/", chunks = 0, agent, headers = {} }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const method = chunks > 0 ? "POST" : "GET";
  const url = new URL(path, dataPlane.originOf("api") ?? "");
  const request = sendRequest(url, { method, agent, headers }, (response) => {
    text(response).then(
      (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      reject,
    );
  });
  request.on("error", reject);
  const upload = async (): Promise<void> => {
    request.flushHeaders();
    for (let chunk = 0; chunk < chunks; chunk++) {
      await sleep(CHUNK_GAP_MS);
      request.write("chunk");
    }
    request.end();
  };
  upload().catch(reject);
  return promise;
}

beforeAll(async () => {
  make = makeVersions();
  const log = (line: string): void => void lines.push(line);
  dataPlane = await startDataPlane({ port: 0, stateDir: make.folder, subdomain: "example", log, warmVersions: 0 });
});

afterAll(async () => {
  await dataPlane.close();
  make.dispose();
});

describe("Switching deployments", () => {
  test("loses no request, whatever was on its way", async ({ expect }) => {
    const bindings = [{ name: "META", type: "version_metadata" }];
    const versions = [1, 2, 3, 4].map(() => make.version(SOURCE, { bindings }));
    const deploy = async (turn: number): Promise<void> => {
      const [first, second] = [versions[turn % 4], versions[(turn + 1) % 4]];
      if (first === undefined || second === undefined) return;
      await dataPlane.publish(
        makeScript("api", [
          [first, 50],
          [second, 50],
        ]),
      );
    };
    await deploy(0);

    const failures: string[] = [];
    const seen = new Map<string, number>();
    const keepAlive = new Agent({ keepAlive: true });
    let isOver = false;
    let requests = 0;
    const repeat = async (next: () => Call, expected: string, pauseMs = () => requests % 5): Promise<void> => {
      while (!isOver) {
        requests++;
        try {
          const { status, headers, body } = await call(next());
          const version = String(headers["x-version"]);
          seen.set(version, (seen.get(version) ?? 0) + 1);
          if (status !== 200 || body !== expected) failures.push(`${status} ${body.slice(0, 200)}`);
        } catch (error) {
          failures.push(String(error));
        }
        await sleep(pauseMs());
      }
    };
    const whole = "chunk".repeat(CHUNKS);
    const clients = [
      ...Array.from({ length: 4 }, () => repeat(() => ({ agent: keepAlive }), "ok")),
      ...Array.from({ length: 2 }, () => repeat(() => ({ agent: false }), "ok")),
      // Around the time after which idle connections are closed.
      ...Array.from({ length: 4 }, () =>
        repeat(
          () => ({ agent: keepAlive }),
          "ok",
          () => 950 + (requests % 100),
        ),
      ),
      ...Array.from({ length: 3 }, () => repeat(() => ({ agent: keepAlive, chunks: CHUNKS }), whole)),
      ...Array.from({ length: 2 }, () => repeat(() => ({ agent: false, chunks: CHUNKS }), whole)),
      ...Array.from({ length: 4 }, () => repeat(() => ({ agent: keepAlive, path: "/slow" }), whole)),
    ];
    for (let turn = 1; turn <= SWITCHES; turn++) {
      await deploy(turn);
      await sleep(CHUNK_GAP_MS);
    }
    isOver = true;
    await Promise.all(clients);
    keepAlive.destroy();

    expect(failures).toEqual([]);
    expect(seen.size, "every version answered").toBe(versions.length);
    expect(requests).toBeGreaterThan(SWITCHES * 10);
    const waits = lines.filter((line) => /finishes \d+ in flight/.test(line));
    expect(waits.length, "versions had requests in flight when they left").toBeGreaterThan(SWITCHES / 4);
    await expect.poll(() => dataPlane.stats("api").filter(({ isRunning }) => isRunning)).toHaveLength(2);
  });
});
