import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { POLL } from "../support/emulator-data-plane.ts";
import { createWranglerProject, type WranglerProject } from "../support/wrangler-cli.ts";

/** Holds sockets in an object that may sleep; what it knows of each is beside the socket, and alarms beat. */
const ROOM = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
  async fetch(request) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, ["tagged"]);
    server.serializeAttachment({ heard: 0 });
    server.send("welcome " + request.headers.get("X-Name"));
    return new Response(null, { status: 101, webSocket: client });
  }
  async beat() {
    await this.ctx.storage.setAlarm(Date.now() + 50);
    return this.ctx.getWebSockets("tagged").length;
  }
  alarm() {
    for (const socket of this.ctx.getWebSockets()) socket.send("beat");
  }
  webSocketMessage(socket, message) {
    const heard = socket.deserializeAttachment().heard + 1;
    socket.serializeAttachment({ heard });
    if (message === "end") socket.close(1008, "as you wish");
    else socket.send(heard + " " + message);
  }
  webSocketClose(socket, code) {
    socket.close(code);
  }
}
export class Door extends WorkerEntrypoint {
  fetch(request) {
    if (request.headers.get("X-Name") === null) return new Response("no name", { status: 403 });
    return this.env.ROOMS.getByName("one").fetch(request);
  }
  beat() { return this.env.ROOMS.getByName("one").beat(); }
}
export default { fetch: () => new Response("room") };`;

const ROOM_CONFIG = `
name = "room"
main = "room.js"
compatibility_date = "2026-08-15"
[durable_objects]
bindings = [{ name = "ROOMS", class_name = "Room" }]
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]`;

const houseWorker = (name: string): string => `
export default {
  async fetch(request, env) {
    if (request.headers.get("Upgrade") !== "websocket") return Response.json(await env.DOOR.beat());
    const { status, webSocket, body } = await env.DOOR.fetch(request);
    return new Response(body, { status, webSocket, headers: { "X-House": "${name}" } });
  },
};`;

const HOUSE_CONFIG = `
name = "house"
main = "house.js"
compatibility_date = "2026-08-15"
workers_dev = true
[[services]]
binding = "DOOR"
service = "room"
entrypoint = "Door"`;

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

async function deploy(worker: string): Promise<void> {
  const run = await project.run(["deploy", "--config", `${worker}.toml`]);
  if (run.code !== 0) throw new Error(`wrangler deploy ended with ${run.code}:\n${run.stdout}\n${run.stderr}`);
}

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir });
  project = createWranglerProject(emulator);
  project.write("room.js", ROOM);
  project.write("room.toml", ROOM_CONFIG);
  project.write("house.js", houseWorker("first"));
  project.write("house.toml", HOUSE_CONFIG);
  await deploy("room");
  await deploy("house");
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

const originOf = (): string => String(emulator.originOf("house") ?? "");

/** A client whose messages are kept. */
async function enter(headers: Record<string, string> = { "X-Name": "ada" }) {
  const url = new URL(originOf());
  url.protocol = "ws:";
  const socket = new WebSocket(url, { headers } as unknown as string[]);
  const messages: string[] = [];
  socket.addEventListener("message", ({ data }) => messages.push(String(data)));
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("refused")));
  });
  return { socket, messages, closed };
}

const beat = async (): Promise<unknown> => await (await fetch(originOf())).json();

/** What the head of an answer to an upgrade says, for one that Node's client does not show. */
async function upgradeStatus(
  headers: Record<string, string>,
): Promise<{ status: number; house: string | null; body: string }> {
  return await new Promise((resolve, reject) => {
    const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
    const sent = request(originOf(), {
      headers: { ...upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers },
    });
    sent.once("upgrade", ({ statusCode = 0, headers: got }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, house: String(got["x-house"] ?? null), body: "" });
    });
    sent.once("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.once("end", () =>
        resolve({ status: answer.statusCode ?? 0, house: String(answer.headers["x-house"] ?? null), body }),
      );
    });
    sent.once("error", reject);
    sent.end();
  });
}

describe("A WebSocket through a version, a service binding and an object of another Worker", () => {
  test("carries messages both ways; the object's attachments, alarms and automatic answers work", async ({
    expect,
  }) => {
    const { socket, messages, closed } = await enter();
    socket.send("one");
    socket.send("two");
    await expect.poll(() => messages, POLL).toEqual(["welcome ada", "1 one", "2 two"]);
    socket.send("ping");
    await expect.poll(() => messages.at(-1), POLL).toBe("pong");
    expect(await beat()).toBe(1);
    await expect.poll(() => messages.at(-1), POLL).toBe("beat");
    socket.send("end");
    expect(await closed).toBe(1_008);
    await expect.poll(beat, POLL).toBe(0);
  });

  test("has the version's headers; a refusal is the version's own answer", async ({ expect }) => {
    expect(await upgradeStatus({ "X-Name": "ada" })).toMatchObject({ status: 101, house: "first" });
    expect(await upgradeStatus({})).toEqual({ status: 403, house: "first", body: "no name" });
  });

  test("outlives a release of the version that it came through", async ({ expect }) => {
    const { socket, messages, closed } = await enter();
    project.write("house.js", houseWorker("second"));
    await deploy("house");
    expect(await upgradeStatus({ "X-Name": "ada" })).toMatchObject({ house: "second" });
    socket.send("still there");
    await expect.poll(() => messages.at(-1), POLL).toBe("1 still there");
    socket.close(1_000);
    expect(await closed).toBe(1_000);
  });

  test("ends with the process of its object, and can be opened again", async ({ expect }) => {
    const before = await enter();
    const evicted = await fetch(new URL("/__emulator/evict", emulator.apiUrl), {
      method: "POST",
      body: JSON.stringify({ script: "room" }),
    });
    expect(evicted.status).toBe(200);
    expect(await before.closed).toBe(1_006);
    const { socket, messages, closed } = await enter();
    await expect.poll(() => messages, POLL).toEqual(["welcome ada"]);
    socket.close(1_000);
    expect(await closed).toBe(1_000);
  });
});
