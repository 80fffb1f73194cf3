import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { createWranglerProject, runSuccessfully, type WranglerProject } from "../support/wrangler-cli.ts";

/** Several runs of wrangler, each of which takes seconds, and many beside other work. */
const TIMEOUT_MS = 240_000;
const POLL = { timeout: 30_000, interval: 50 };

/** Sends what it is told, by every kind of content. */
const PRODUCER = `
export default {
  async fetch(request, { JOBS }) {
    try {
      const { kind, body, delaySeconds, bodies } = await request.json();
      if (bodies !== undefined) await JOBS.sendBatch(bodies.map((body) => ({ body, contentType: "json" })));
      else if (kind === "bytes") await JOBS.send(new Uint8Array(body), { contentType: "bytes" });
      else if (kind === "v8") await JOBS.send(new Map([["in a map", body]]), { contentType: "v8" });
      else if (kind === "large") await JOBS.send("x".repeat(body), { contentType: "text" });
      else await JOBS.send(body, { contentType: kind, delaySeconds });
      return new Response("sent");
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
`;

/** Keeps what it is given, by which the test sees it, and does with a message what its body says. */
const CONSUMER = `
export default {
  async fetch(request, { SEEN }) {
    const { keys } = await SEEN.list();
    return Response.json(await Promise.all(keys.map(({ name }) => SEEN.get(name, "json"))));
  },
  async queue({ queue, messages }, { SEEN }) {
    for (const message of messages) {
      const { id, body, attempts } = message;
      const text = body instanceof ArrayBuffer ? [...new Uint8Array(body)] : body instanceof Map ? [...body] : body;
      await SEEN.put(crypto.randomUUID(), JSON.stringify({ id, queue, attempts, body: text, size: messages.length }));
      if (body === "retry once" && attempts === 1) message.retry({ delaySeconds: 1 });
      if (body === "never" && queue === "jobs") message.retry();
    }
    if (messages.some(({ body }) => body?.fails === true) && messages[0].attempts === 1) {
      messages.find(({ body }) => body.fails !== true)?.ack();
      throw new Error("planned");
    }
  },
};
`;

const COMMON = `compatibility_date = "2026-08-15"\nworkers_dev = true\npreview_urls = false\n`;
const PRODUCER_CONFIG = `name = "producer"\nmain = "producer.js"\n${COMMON}
[[queues.producers]]
binding = "JOBS"
queue = "jobs"
`;
const CONSUMER_CONFIG = `name = "consumer"\nmain = "consumer.js"\n${COMMON}
[[kv_namespaces]]
binding = "SEEN"
[[queues.consumers]]
queue = "jobs"
max_batch_size = 5
max_batch_timeout = 0
max_retries = 2
dead_letter_queue = "dead"
[[queues.consumers]]
queue = "dead"
max_batch_timeout = 0
`;

const seenSchema = z.array(
  z.object({ id: z.string(), queue: z.string(), attempts: z.number(), body: z.unknown(), size: z.number() }),
);

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir });
  project = createWranglerProject(emulator);
  project.write("producer.js", PRODUCER);
  project.write("producer.toml", PRODUCER_CONFIG);
  project.write("consumer.js", CONSUMER);
  project.write("consumer.toml", CONSUMER_CONFIG);
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

async function wrangler(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runSuccessfully(project, args);
  return `${stdout}
${stderr}`;
}

async function send(order: object): Promise<string> {
  const response = await fetch(emulator.originOf("producer") ?? "", { method: "POST", body: JSON.stringify(order) });
  return await response.text();
}

async function seen(isOf: (body: unknown) => boolean) {
  const all = seenSchema.parse(await (await fetch(emulator.originOf("consumer") ?? "")).json());
  return all.filter(({ body }) => isOf(body)).toSorted((left, right) => left.attempts - right.attempts);
}

describe("wrangler", { timeout: TIMEOUT_MS }, () => {
  test("is refused a consumer of a queue that is not there", async ({ expect }) => {
    const { code, stdout, stderr } = await project.run(["deploy", "--config", "consumer.toml"]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('Queue "jobs" does not exist');
  });

  test("makes a producer's queue by itself and others when asked, and deploys a consumer again and again", async ({
    expect,
  }) => {
    await wrangler("deploy", "--config", "producer.toml");
    expect(await wrangler("queues", "create", "dead")).toContain("Created queue 'dead'");
    expect((await project.run(["queues", "create", "jobs"])).stderr).toContain("11009");
    await wrangler("deploy", "--config", "consumer.toml");
    await wrangler("deploy", "--config", "consumer.toml");
    const made = emulator
      .calls()
      .filter(({ method, path: target }) => method === "POST" && target.endsWith("/consumers"));
    expect(made).toHaveLength(2);
    const info = await wrangler("queues", "info", "jobs");
    expect(info).toMatch(/Producers: worker:producer[\s\S]*Consumers: worker:consumer/);
  });
});

describe("what a producer sends", () => {
  test("arrives by each kind of content, one by one and in a batch", async ({ expect }) => {
    const bodies: readonly [object, unknown][] = [
      [{ kind: "text", body: "a text" }, "a text"],
      [{ kind: "json", body: { a: ["json"] } }, { a: ["json"] }],
      [{ kind: "bytes", body: [1, 2, 255] }, [1, 2, 255]],
      [{ kind: "v8", body: 7 }, [["in a map", 7]]],
    ];
    for (const [order] of bodies) expect(await send(order)).toBe("sent");
    expect(await send({ bodies: [1, 2, 3, 4, 5] })).toBe("sent");
    for (const [, body] of bodies)
      await expect
        .poll(() => seen((other) => JSON.stringify(other) === JSON.stringify(body)), POLL)
        .toMatchObject([{ queue: "jobs", attempts: 1 }]);
    await expect.poll(() => seen((body) => typeof body === "number"), POLL).toHaveLength(5);
    expect(await seen((body) => typeof body === "number")).toContainEqual(expect.objectContaining({ size: 5 }));
  });

  test("is refused beyond Cloudflare's size", async ({ expect }) => {
    expect(await send({ kind: "large", body: 128_001 })).not.toBe("sent");
    expect(await send({ kind: "large", body: 128_000 })).toBe("sent");
  });
});

describe("a message", () => {
  test("comes again when the handler says so, then not any more", async ({ expect }) => {
    await send({ kind: "text", body: "retry once" });
    const isMine = (body: unknown): boolean => body === "retry once";
    await expect.poll(async () => (await seen(isMine)).map(({ attempts }) => attempts), POLL).toEqual([1, 2]);
    const [first, second] = await seen(isMine);
    expect(second?.id).toBe(first?.id);
  });

  test("comes again after a failure unless it was acknowledged", async ({ expect }) => {
    await send({
      bodies: [
        { fails: true, n: 1 },
        { fails: false, n: 2 },
      ],
    });
    const attemptsOf = async (n: number): Promise<number[]> =>
      (await seen((body) => Object(body).n === n)).map(({ attempts }) => attempts);
    await expect.poll(() => attemptsOf(1), POLL).toEqual([1, 2]);
    expect(await attemptsOf(2)).toEqual([1]);
  });

  test("goes to the queue of dead letters after its last attempt", async ({ expect }) => {
    await send({ kind: "text", body: "never" });
    const told = async (): Promise<string[]> =>
      (await seen((body) => body === "never")).map(({ queue, attempts }) => `${queue} ${attempts}`).toSorted();
    await expect.poll(told, POLL).toEqual(["dead 1", "jobs 1", "jobs 2", "jobs 3"]);
  });
});
