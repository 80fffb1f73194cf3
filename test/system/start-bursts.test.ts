import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, test } from "vitest";

import { end, START_TIMEOUT_MS, startAndWait, useDataFolder } from "../support/npm-start.ts";

/** A busy machine may be asked for more than it can do; whoever is told so comes again. */
const MAX_ATTEMPTS = 30;
const PAUSE_MS = 1_000;

/** Kept connections are what the bursts are about; races are not, and may take so long that one is used which is just being closed. */
type Connections = "kept" | "close";

async function create(port: number, user: object, connections: Connections): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/users`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(connections === "close" ? { Connection: "close" } : {}) },
      body: JSON.stringify(user),
    });
    const text = await response.text();
    // Not one whose outcome is unknown: that says no time.
    if (!response.headers.has("Retry-After")) return text === "" ? "no body" : String(response.status);
    if (attempt === MAX_ATTEMPTS) return text;
    await sleep(PAUSE_MS);
  }
}

/** Sends creations all at once; gives how many answers had each status, or each error of the connection. */
async function createAtOnce(
  port: number,
  count: number,
  connections: Connections,
  user: (i: number) => object,
): Promise<Record<string, number>> {
  const send = (i: number): Promise<string> =>
    create(port, user(i), connections).catch((error: unknown) =>
      String(error instanceof Error ? (error.cause ?? error) : error),
    );
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(Array.from({ length: count }, (_, i) => send(i)))) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

const folder = useDataFolder();

describe("npm start under load", { timeout: 4 * START_TIMEOUT_MS }, () => {
  test("Given bursts with pauses as long as idle connections live, then each request is answered, and races have one winner", async ({
    expect,
  }) => {
    // A slow machine may take long for a thousand requests; what counts here is that none is lost.
    const run = await startAndWait({ dataDir: path.join(folder.path, "bursts"), env: { REQUEST_TIMEOUT_MS: "60000" } });
    for (const pauseMs of [4_900, 5_000, 5_100]) {
      const burst = await createAtOnce(run.port, 50, "kept", (i) => ({
        username: `burst${pauseMs}x${i}`,
        email: `burst${pauseMs}x${i}@example.com`,
        full_name: "Burst",
      }));
      expect(burst).toEqual({ "201": 50 });
      await sleep(pauseMs);
    }
    for (const username of ["race0", "race1"]) {
      const race = await createAtOnce(run.port, 1_000, "close", (i) => ({
        username,
        email: `${username}x${i}@example.com`,
        full_name: "Racer",
      }));
      expect(race).toEqual({ "201": 1, "409": 999 });
    }
    expect(run.process.exitCode).toBeNull();
    expect(await end(run, "SIGTERM")).toBe(0);
  });
});
