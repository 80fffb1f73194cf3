import { afterEach, describe, test, vi } from "vitest";

import type { MetricsBatch } from "../../src/observability/metrics-batch.ts";
import type { PlatformBindings } from "../../src/platform-bindings.ts";
import { startWorker } from "../../src/worker.ts";
import { PLATFORM } from "./platform.ts";

const VARIABLES = { DATABASE_URL: "postgresql://app:secret@ep-1.example.test/users", API_KEY: "right-key" };

function start(platform: Partial<PlatformBindings>) {
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  const worker = startWorker({ ...PLATFORM, ...platform, ...VARIABLES, ENVIRONMENT: "production" });
  const work: Promise<unknown>[] = [];
  const background = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
  const ask = (path: string, init?: RequestInit) =>
    worker.fetch(new Request(new URL(path, "https://users.test"), init), undefined, background);
  return { ask, work };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("metrics of requests", () => {
  test("count every answer by method, template, status and version, after it was given", async ({ expect }) => {
    const sent: MetricsBatch[] = [];
    const { ask, work } = start({
      TELEMETRY: {
        async record(batch) {
          sent.push(batch);
          return "recorded";
        },
      },
    });
    await ask("/health");
    await ask("/health", { method: "HEAD" });
    await ask("/nothing/here");
    await ask("/api/v1/users/id/7");
    await ask("/api/v1/users", { method: "DELETE" });
    expect(sent).toEqual([]);
    await Promise.all(work);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.version).toEqual({ id: "v-77", tag: "abc1234" });
    expect(sent[0]?.requests.map(({ method, route, status }) => [method, route, status])).toEqual([
      ["GET", "/health", 200],
      ["HEAD", "/health", 200],
      ["GET", "other", 404],
      ["GET", "/api/v1/users/id/:id", 401],
      ["DELETE", "/api/v1/users", 405],
    ]);
  });

  test("hold nobody up while telemetry does not answer", async ({ expect }) => {
    const { ask, work } = start({ TELEMETRY: { record: () => new Promise<never>(() => {}) } });
    for (let n = 0; n < 3_000; n++) expect((await ask("/health")).status).toBe(200);
    // One that waits, and one that is sending what was too much to wait.
    expect(work.length).toBeLessThanOrEqual(10);
  });

  test("are nothing at all without the binding", async ({ expect }) => {
    const { ask, work } = start({});
    expect((await ask("/health")).status).toBe(200);
    expect(work).toEqual([]);
  });
});
