import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { runProgram } from "../../bench/load/program.ts";
import type { OverloadJob, StretchResult } from "../../bench/overload/job.ts";
import { toLoadPoint } from "../../bench/overload/summary.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";

const folder = mkdtempSync(path.join(tmpdir(), "overload-"));
const server = createServer();
let origin = "";
let answer: (path: string) => number | "slow" | "broken" = () => 200;

beforeAll(async () => {
  server.on("request", (request, response) => {
    const status = answer(request.url ?? "");
    if (status === "broken") response.socket?.destroy();
    else if (status === "slow") setTimeout(() => response.end("{}"), 400);
    else response.writeHead(status, status === 503 ? { "Retry-After": "1" } : {}).end("{}");
  });
  origin = `http://127.0.0.1:${await listen(server, { port: 0 })}`;
});

afterAll(async () => {
  await closeServer(server);
  rmSync(folder, { recursive: true });
});

async function load(stretches: OverloadJob["stretches"]): Promise<readonly StretchResult[]> {
  const file = path.join(folder, "job.json");
  writeFileSync(file, JSON.stringify({ origin, apiKey: "key", stretches }));
  const script = path.resolve(import.meta.dirname, "../../bench/overload/load-process.ts");
  const output = await runProgram(process.execPath, ["--no-warnings", script, file], new AbortController().signal);
  return JSON.parse(output);
}

describe("the open loop", () => {
  test("sends what is due whatever comes back, and counts each by what became of it", async ({ expect }) => {
    let count = 0;
    answer = (url) => {
      if (url === "/health") return 200;
      count += 1;
      return ([200, 503, 504, "broken"] as const)[count % 4] ?? 200;
    };
    const [result, ...others] = await load([{ kind: "open", rate: 100, seconds: 2 }]);
    if (result === undefined) throw new Error("there is no result");
    const point = toLoadPoint(1, result);
    expect(others).toEqual([]);
    expect(point).toMatchObject({ offered: 100, goodput: 25, refused: 25, late: 25, other: 0, unanswered: 50 });
    expect(Object.values(point.failures)).toEqual([50]);
    expect(point.healthFailures).toBe(0);
    expect(result.health.length).toBeGreaterThan(30);
  });

  test("does not wait for slow answers, and takes their time from when they were due", async ({ expect }) => {
    answer = (url) => (url === "/health" ? 200 : "slow");
    const [result, after] = await load([
      { kind: "open", rate: 50, seconds: 1 },
      { kind: "open", rate: 20, seconds: 1 },
    ]);
    expect(result?.sent).toHaveLength(50);
    expect(after?.sent).toHaveLength(20);
    for (const { ms } of result?.sent ?? []) expect(ms).toBeGreaterThanOrEqual(399);
  });
});

test("the closed loop keeps its connections busy, and no more than that", async ({ expect }) => {
  let [now, most] = [0, 0];
  server.on("request", (_request, response) => {
    now += 1;
    most = Math.max(most, now);
    response.once("close", () => (now -= 1));
  });
  answer = () => "slow";
  const [result] = await load([{ kind: "closed", connections: 3, seconds: 1 }]);
  expect(most).toBe(3);
  expect(result?.sent.length).toBeGreaterThanOrEqual(6);
});
