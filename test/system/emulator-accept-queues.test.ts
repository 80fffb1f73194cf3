import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { Worker } from "node:worker_threads";

import { onTestFinished, test } from "vitest";

import { closeWide, listenWide } from "../../tools/cloudflare-emulator/data-plane/edge/accept-queues.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";

const CLIENTS = 200;

/** Connects from another thread, while ours is busy; posts when the kernel has taken all connections. */
const CONNECT = `
  const { connect } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  let connected = 0;
  for (let client = 0; client < ${CLIENTS}; client += 1) {
    const socket = connect(workerData, "127.0.0.1", () => ++connected === ${CLIENTS} && parentPort.postMessage("connected"));
    socket.on("error", () => undefined);
  }
`;

const createQuietServer = () => {
  const server = createServer((_, response) => void response.end());
  onTestFinished(() => closeWide(server).catch(() => undefined));
  return server;
};

test.runIf(process.platform === "linux")(
  "a server whose turns are long accepts more than one connection in each",
  async ({ expect }) => {
    const server = createQuietServer();
    let accepted = 0;
    server.on("connection", () => (accepted += 1));
    const port = await listenWide(server, 0);
    const clients = new Worker(CONNECT, { eval: true, workerData: port });
    onTestFinished(async () => void (await clients.terminate()));

    let turns = 0;
    while (accepted < CLIENTS) {
      const isBegun = accepted > 0;
      await new Promise(setImmediate);
      for (const end = performance.now() + 20; performance.now() < end;);
      if (isBegun) turns += 1;
    }

    expect(turns).toBeLessThan(CLIENTS / 2);
  },
);

test("two servers never share a port", async ({ expect }) => {
  const port = await listenWide(createQuietServer(), 0);
  await expect(listenWide(createQuietServer(), port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test.runIf(process.platform === "linux")("any port is one that nobody has on any address", async ({ expect }) => {
  const TAKEN = 4_000;
  const taken = Array.from({ length: TAKEN }, () => createTcpServer());
  try {
    await Promise.all(taken.map((server) => listen(server, { port: 0 })));
    // One in seven of the ports that the system might give is taken on our address, and free on the next one.
    for (let round = 0; round < 60; round++) {
      const server = createServer();
      expect(await listenWide(server, 0)).toBeGreaterThan(0);
      await closeWide(server);
    }
  } finally {
    await Promise.all(taken.map(closeServer));
  }
});

test("a closed server leaves its port to others", async ({ expect }) => {
  const server = createServer();
  const port = await listenWide(server, 0);
  await closeWide(server);
  expect(await listenWide(createQuietServer(), port)).toBe(port);
});
