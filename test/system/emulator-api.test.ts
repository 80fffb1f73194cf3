import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";
import { z } from "zod";

import { type RunningControlPlane, startControlPlane } from "../../tools/cloudflare-emulator/control-plane/index.ts";
import { encodeFrame, OPCODES } from "../../tools/cloudflare-emulator/control-plane/tails/websocket-frames.ts";
import { openKvNamespaces } from "../../tools/cloudflare-emulator/kv/kv-namespaces.ts";
import { openQueues } from "../../tools/cloudflare-emulator/queues/queues.ts";
import { uploadForm } from "../unit/tools/cloudflare-emulator/control-plane/api.ts";
import {
  createFakeDataPlane,
  type FakeDataPlane,
} from "../unit/tools/cloudflare-emulator/control-plane/fake-data-plane.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const SCRIPTS = `/accounts/${ACCOUNT}/workers/scripts`;

let stateDir: string;
let dataPlane: FakeDataPlane;
let plane: RunningControlPlane;

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "control-plane-"));
  dataPlane = createFakeDataPlane();
  plane = await startControlPlane({
    port: 0,
    stateDir,
    accountId: ACCOUNT,
    apiToken: "token",
    subdomain: "emulator",
    dataPlane,
    kv: openKvNamespaces(path.join(stateDir, "kv"), Date.now),
    queues: openQueues(path.join(stateDir, "queues")),
    callLogFile: path.join(stateDir, "calls.ndjson"),
    log: () => undefined,
    onDeployment: () => undefined,
    now: () => new Date(),
    random: Math.random,
  });
});

afterEach(async () => {
  await plane.close();
  rmSync(stateDir, { recursive: true });
});

const api = (method: string, target: string, body: FormData | string | null = null): Promise<Response> =>
  fetch(`${plane.apiUrl}${target}`, { method, body, headers: { authorization: "Bearer token" } });

const control = (method: string, action: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(new URL(`/__emulator/${action}`, plane.apiUrl), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const deployFirst = async (): Promise<void> => {
  const bindings = [{ name: "TOKEN", type: "secret_text", text: "hush" }];
  const response = await api("PUT", `${SCRIPTS}/worker`, uploadForm({ bindings }));
  if (response.status !== 200) throw new Error(await response.text());
};

describe("faults", () => {
  test("answer instead of the API, with Retry-After, as often as they were asked to", async ({ expect }) => {
    const fault = { path: "/versions$", status: 429, retryAfter: 7, times: 1 };
    expect(await (await control("POST", "faults", [fault])).json()).toMatchObject({ api: [fault] });
    const refused = await api("GET", `${SCRIPTS}/worker/versions`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await refused.json()).toMatchObject({ success: false, errors: [{ code: 10_429 }] });
    expect((await api("GET", `${SCRIPTS}/worker/versions`)).status).toBe(404);
  });

  test("drop the connection, before the work or after it", async ({ expect }) => {
    await control("POST", "faults", { method: "PUT", dropConnection: true, times: 1 });
    await expect(deployFirst()).rejects.toThrow();
    expect(dataPlane.published.size).toBe(0);
    await control("POST", "faults", { method: "PUT", dropConnection: true, times: 1, when: "after" });
    await expect(deployFirst()).rejects.toThrow();
    expect(dataPlane.published.has("worker")).toBe(true);
    expect(plane.calls.list().map(({ status }) => status)).toEqual([0, 0]);
  });

  test("delay an answer that is otherwise the real one", async ({ expect }) => {
    await deployFirst();
    await control("POST", "faults", { delayMs: 50 });
    expect((await api("GET", `${SCRIPTS}/worker/versions`)).status).toBe(200);
    expect(plane.calls.list().at(-1)?.durationMs).toBeGreaterThanOrEqual(45);
  });

  test("reach the data plane, and all end together", async ({ expect }) => {
    await control("POST", "faults", { propagationMs: 2_000, ignoreOverrides: true });
    expect(dataPlane.faults()).toEqual({ propagationMs: 2_000, ignoreOverrides: true, loseRpcAnswers: 0 });
    expect(await (await control("DELETE", "faults")).json()).toEqual({
      api: [],
      dataPlane: { propagationMs: 0, ignoreOverrides: false, loseRpcAnswers: 0 },
    });
    expect((await control("POST", "faults", { status: 99 })).status).toBe(400);
  });
});

describe("the control", () => {
  test("tells calls and state, both without secrets, and appends calls to the file", async ({ expect }) => {
    await deployFirst();
    await api("GET", `${SCRIPTS}/worker/versions?deployable=true`);
    const calls = await (await control("GET", "calls")).json();
    expect(calls).toMatchObject([
      { method: "PUT", path: `${SCRIPTS}/worker`, status: 200, body: { metadata: { bindings: [{ name: "TOKEN" }] } } },
      { method: "GET", query: "deployable=true", status: 200, errors: [], body: null },
    ]);
    const state = await (await control("GET", "state")).json();
    expect(state).toMatchObject({ scripts: [{ name: "worker", versions: [{ number: 1 }] }] });
    await plane.calls.flush();
    const lines = readFileSync(path.join(stateDir, "calls.ndjson"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(calls);
    expect(JSON.stringify([calls, state, lines])).not.toContain("hush");
    expect(await (await control("DELETE", "calls")).json()).toEqual([]);
    expect(plane.calls.list()).toEqual([]);
  });

  test("keeps the newest 2,000 calls", ({ expect }) => {
    const call = { time: "", method: "GET", path: "", query: "", status: 200, durationMs: 0, errors: [], body: null };
    for (let number = 0; number < 2_010; number++) plane.calls.add({ ...call, path: String(number) });
    expect(plane.calls.list()).toHaveLength(2_000);
    expect(plane.calls.list()[0]?.path).toBe("10");
  });

  test("runs a cron trigger", async ({ expect }) => {
    await deployFirst();
    const outcome = await control("POST", "cron", { script: "worker", cron: "17 * * * *" });
    expect(await outcome.json()).toEqual({ outcome: "ok" });
    expect(dataPlane.crons).toEqual(["worker 17 * * * *"]);
    expect((await control("POST", "cron", { script: "nobody", cron: "x" })).status).toBe(400);
  });

  test("is closed to web pages, and knows what it does not know", async ({ expect }) => {
    expect((await control("GET", "state", undefined, { origin: "http://example.com" })).status).toBe(403);
    expect((await control("GET", "nothing")).status).toBe(404);
  });
});

describe("the server", () => {
  test("has the API below its base only", async ({ expect }) => {
    const response = await fetch(new URL("/accounts", plane.apiUrl), { headers: { authorization: "Bearer token" } });
    expect(response.status).toBe(404);
    expect((await api("GET", "/accounts")).status).toBe(200);
  });
});

describe("a tail", () => {
  const createTail = async (filters: object[] = []): Promise<{ id: string; url: string }> => {
    const response = await api("POST", `${SCRIPTS}/worker/tails`, JSON.stringify({ filters }));
    return z.object({ result: z.object({ id: z.string(), url: z.string() }) }).parse(await response.json()).result;
  };

  test("sends events as binary messages through its filters, until it is deleted", async ({ expect }) => {
    await deployFirst();
    const { id, url } = await createTail([{ outcome: ["exception"] }]);
    const socket = new WebSocket(url, "trace-v1");
    socket.binaryType = "arraybuffer";
    await once(socket, "open");
    expect(socket.protocol).toBe("trace-v1");
    socket.send(JSON.stringify({ debug: false }));
    const message = once(socket, "message");
    dataPlane.emit("worker", { outcome: "ok" });
    dataPlane.emit("other", { outcome: "exception" });
    dataPlane.emit("worker", { outcome: "exception", logs: [{ message: ["ä".repeat(50_000)] }] });
    const [{ data }] = await message;
    expect(JSON.parse(Buffer.from(data).toString())).toEqual({
      outcome: "exception",
      logs: [{ message: ["ä".repeat(50_000)] }],
    });
    const closed = once(socket, "close");
    expect((await api("DELETE", `${SCRIPTS}/worker/tails/${id}`)).status).toBe(200);
    expect((await closed)[0].code).toBe(1_001);
    expect((await api("DELETE", `${SCRIPTS}/worker/tails/${id}`)).status).toBe(404);
  });

  test("answers the unmasked pings of wrangler", async ({ expect }) => {
    await deployFirst();
    const { url } = await createTail();
    const { port, host, pathname } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: trace-v1\r\n\r\n",
    );
    const [handshake] = await once(socket, "data");
    // The example of RFC 6455.
    expect(String(handshake)).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    socket.write(encodeFrame(OPCODES.text, Buffer.from('{"debug":false}')));
    socket.write(encodeFrame(OPCODES.ping, Buffer.from("beat")));
    const [pong] = await once(socket, "data");
    expect(pong).toEqual(encodeFrame(OPCODES.pong, Buffer.from("beat")));
    socket.destroy();
  });

  test("that nobody made is refused", async ({ expect }) => {
    const socket = new WebSocket(new URL("/__tail/unknown", plane.apiUrl.replace("http", "ws")), "trace-v1");
    const [event] = await once(socket, "error");
    expect(event.type).toBe("error");
  });
});
