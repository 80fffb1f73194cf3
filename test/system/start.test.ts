import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, test } from "vitest";

import { findTelemetry, telemetryFiles } from "../../tools/telemetry/local-telemetry.ts";
import { parseExposition } from "../support/exposition-parser.ts";
import {
  end,
  findSurvivors,
  processTree,
  start,
  START_TIMEOUT_MS,
  startAndWait,
  useDataFolder,
} from "../support/npm-start.ts";
import { postJson, SERVICE } from "../support/rpc-messages.ts";
import { total } from "../support/telemetry.ts";

async function listUsernames(port: number): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/users`);
  const page = (await response.json()) as { data: { username: string }[] };
  return page.data.map(({ username }) => username).sort();
}

/** What `/metrics` counts for the list of users, once it counts at least so many; waits for the batch that is on its way. */
async function waitForLists(dataDir: string, port: number, atLeast: number): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const telemetry = findTelemetry(telemetryFiles(dataDir, port));
    if (telemetry === null) throw new Error("it does not say where its metrics are");
    const response = await fetch(telemetry.url, { headers: { Authorization: `Bearer ${telemetry.token}` } });
    const { samples } = parseExposition(await response.text(), "prometheus");
    const lists = total(samples, "http_requests_total", { route: "/api/v1/users", method: "GET", status: "200" });
    if (lists >= atLeast || attempt >= 240) return lists;
    await sleep(250);
  }
}

const folder = useDataFolder();

describe("npm start", { timeout: 4 * START_TIMEOUT_MS }, () => {
  test("Given no terminal, then it serves, keeps data over a restart, and leaves nothing behind", async ({
    expect,
  }) => {
    const dataDir = path.join(folder.path, "kept");
    const first = await startAndWait({ dataDir });
    expect(first.output()).toContain(`http://127.0.0.1:${first.port}/docs`);
    expect((await fetch(`http://127.0.0.1:${first.port}/health/ready`)).status).toBe(200);
    expect(await listUsernames(first.port)).toEqual(["asmith", "bjones", "jdoe"]);
    const rpcOrigin = /^  RPC +(http:\S+)/m.exec(first.output())?.[1] ?? "";
    const byRpc = await fetch(`${rpcOrigin}${SERVICE}/GetUserByUsername`, postJson({ username: "jdoe" }));
    expect(await byRpc.json()).toMatchObject({ user: { username: "jdoe", fullName: "John Doe" } });
    const created = await fetch(`http://127.0.0.1:${first.port}/api/v1/users`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "kept", email: "kept@example.com", full_name: "Kept User" }),
    });
    expect(created.status).toBe(201);

    const portTaken = await start({ dataDir: path.join(folder.path, "other"), port: first.port });
    expect(await end(portTaken)).toBe(1);
    expect(portTaken.output()).toMatch(new RegExp(`^Port ${first.port} is in use .*PORT=\\d+ npm start\\n$`));
    const folderTaken = await start({ dataDir });
    expect(await end(folderTaken)).toBe(1);
    expect(folderTaken.output()).toMatch(/The data folder is in use by process \d+ .*DATA_DIR=/);

    const tree = processTree(first.process.pid ?? 0);
    expect(tree.length).toBeGreaterThan(3);
    expect(await end(first, "SIGTERM")).toBe(0);
    expect(await findSurvivors(tree)).toEqual([]);
    expect(readdirSync(dataDir).sort()).toEqual(["postgres", `telemetry-${first.port}`, `worker-state-${first.port}`]);

    const second = await startAndWait({ dataDir });
    expect(await listUsernames(second.port)).toEqual(["asmith", "bjones", "jdoe", "kept"]);
    expect(await end(second, "SIGINT")).toBe(0);

    const fresh = await startAndWait({ dataDir, args: ["--fresh"] });
    expect(await listUsernames(fresh.port)).toEqual(["asmith", "bjones", "jdoe"]);
    expect(await end(fresh, "SIGTERM")).toBe(0);
  });

  test("Given nothing, then it counts, keeps its counts and its token over a restart, and --no-telemetry leaves them alone", async ({
    expect,
  }) => {
    const dataDir = path.join(folder.path, "measured");
    const first = await startAndWait({ dataDir });
    const files = telemetryFiles(dataDir, first.port);
    const telemetry = findTelemetry(files);
    expect(first.output()).toContain(`Metrics   ${telemetry?.url}`);
    expect(first.output()).toContain(telemetry?.token);
    expect((await fetch(telemetry?.url ?? "")).status).toBe(401);
    await listUsernames(first.port);
    expect(await waitForLists(dataDir, first.port, 1)).toBe(1);
    expect(await end(first, "SIGTERM")).toBe(0);
    expect(findTelemetry(files)).toBeNull();

    const { port } = first;
    const without = await startAndWait({ dataDir, port, args: ["--no-telemetry"] });
    await listUsernames(port);
    expect(without.output()).not.toContain("Metrics");
    expect(findTelemetry(files)).toBeNull();
    expect(await end(without, "SIGTERM")).toBe(0);

    const second = await startAndWait({ dataDir, port });
    expect(findTelemetry(files)?.token).toBe(telemetry?.token);
    await listUsernames(port);
    expect(await waitForLists(dataDir, port, 2)).toBe(2);
    expect(await end(second, "SIGTERM")).toBe(0);
  });

  test("Given it is killed, then its children end too, and the next start takes over the folder and an API key", async ({
    expect,
  }) => {
    const dataDir = path.join(folder.path, "killed");
    const victim = await startAndWait({ dataDir });
    const tree = processTree(victim.process.pid ?? 0);
    process.kill(tree[1] ?? 0, "SIGKILL");
    await end(victim);
    expect(await findSurvivors(tree)).toEqual([]);

    const key = "k'e$y\"1";
    const next = await startAndWait({ dataDir, env: { API_KEY: key } });
    const url = `http://127.0.0.1:${next.port}/api/v1/users`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { "X-API-Key": "wrong" } })).status).toBe(403);
    expect((await fetch(url, { headers: { "X-API-Key": key } })).status).toBe(200);
    expect(next.output()).toContain("curl -H 'X-API-Key: YOUR_KEY'");
    expect(next.output()).not.toContain(key);
    const commandLines = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
    expect(commandLines).not.toContain(key);
    expect(await end(next, "SIGTERM")).toBe(0);
  });

  test("Given a bad configuration, then it says which variable is wrong, not its value, and starts nothing", async ({
    expect,
  }) => {
    const dataDir = path.join(folder.path, "unused");
    const run = await start({ dataDir, env: { API_KEYS: "sesame", LOG_LEVEL: "loud" } });
    expect(await end(run)).toBe(1);
    expect(run.output()).toMatch(/^Invalid configuration: API_KEYS .*LOG_LEVEL .*\n$/);
    expect(run.output()).not.toContain("sesame");
    expect(readdirSync(folder.path)).not.toContain("unused");
  });

  test("Given a signal while it still starts, then it stops all the same", async ({ expect }) => {
    const run = await start({ dataDir: path.join(folder.path, "early") });
    while (!run.output().includes("Starting PostgreSQL")) await sleep(20);
    const tree = processTree(run.process.pid ?? 0);
    expect(await end(run, "SIGTERM")).toBe(0);
    expect(await findSurvivors(tree)).toEqual([]);
  });
});
