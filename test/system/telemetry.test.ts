import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { parseExposition } from "../support/exposition-parser.ts";
import { sendMany, type PlainRequest } from "../support/many-requests.ts";
import { startStack, type Stack } from "../support/stack.ts";
import {
  getMetrics,
  isKnownMethod,
  METRICS_TOKEN,
  readMetrics,
  setProxyMode,
  telemetryCompanions,
  total,
  waitForRequests,
} from "../support/telemetry.ts";

const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const USER = { username: "gracehopper", email: "grace@example.com", full_name: "Grace Hopper" };

let folder: string;
let stack: Stack;
/** By then the API has answered so many. */
let sent = 0;

async function start(): Promise<Stack> {
  return await startStack({ companions: await telemetryCompanions(), persistDir: folder });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "telemetry-objects-"));
  stack = await start();
});

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Kind {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly status: number;
  readonly share: number;
  readonly statement?: string;
}

const BY_ID = "/api/v1/users/id/:id";
const BY_NAME = "/api/v1/users/username/:username";

/** Twenty in all. */
const MIX: readonly Kind[] = [
  { method: "GET", path: "/health", route: "/health", status: 200, share: 6 },
  { method: "HEAD", path: "/health", route: "/health", status: 200, share: 1 },
  { method: "GET", path: "/no/such/path", route: "other", status: 404, share: 4 },
  { method: "PUT", path: "/api/v1/users", route: "/api/v1/users", status: 405, share: 2 },
  { method: "GET", path: "/api/v1/users/id/nonsense", route: BY_ID, status: 400, share: 2 },
  { method: "OPTIONS", path: "/api/v1/users", route: "/api/v1/users", status: 204, share: 1 },
  {
    method: "GET",
    path: `/api/v1/users/id/${ABSENT}`,
    route: BY_ID,
    status: 404,
    share: 2,
    statement: "users.find_by_id",
  },
  {
    method: "GET",
    path: `/api/v1/users/username/${USER.username}`,
    route: BY_NAME,
    status: 200,
    share: 2,
    statement: "users.find_by_username",
  },
];

async function sendAll(requests: readonly PlainRequest[], concurrency: number) {
  const statuses = await sendMany(stack.url, requests, concurrency);
  sent += requests.length;
  return statuses;
}

const HEALTH: PlainRequest = { method: "GET", path: "/health" };

const ROUNDS = 1_000;

describe("Telemetry beside the API, both in workerd", () => {
  test(
    "of 20,000 requests, many at the same time, /metrics tells exactly what the client counted",
    { timeout: 300_000 },
    async ({ expect }) => {
      expect((await stack.sendJson("/api/v1/users", USER)).status).toBe(201);
      sent += 1;
      const round = MIX.flatMap(({ share, path: target, method }) =>
        Array.from({ length: share }, () => ({ method, path: target })),
      );
      expect(round).toHaveLength(20);
      const statuses = await sendAll(Array.from({ length: ROUNDS }, () => round).flat(), 128);

      const { samples } = await waitForRequests(stack, sent);
      for (const { method, route, status, share } of MIX) {
        const labels = { method, route, status: String(status), version_id: "local", version_tag: "" };
        expect([labels, total(samples, "http_requests_total", labels)]).toEqual([labels, share * ROUNDS]);
        expect(total(samples, "http_request_duration_seconds_count", labels)).toBe(share * ROUNDS);
      }
      for (const [status, count] of statuses) {
        expect(total(samples, "http_requests_total", { status: String(status) })).toBe(count);
      }
      expect(total(samples, "http_requests_total")).toBe(20_001);
      for (const { statement = "", share } of MIX.filter((kind) => kind.statement !== undefined)) {
        expect(total(samples, "db_query_duration_seconds_count", { statement })).toBe(share * ROUNDS);
      }
      expect(total(samples, "db_query_duration_seconds_count")).toBe(stack.gateway.stats.requests);
      expect(total(samples, "telemetry_lost_measurements_total")).toBe(0);
    },
  );

  test("both formats say the same, strictly by their rules", async ({ expect }) => {
    const authorization = { Authorization: `Bearer ${METRICS_TOKEN}` };
    const plain = await getMetrics(stack, authorization);
    expect(plain.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const open = await getMetrics(stack, { ...authorization, Accept: "application/openmetrics-text; version=1.0.0" });
    expect(open.headers.get("Content-Type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    const parsed = parseExposition(await plain.text(), "prometheus");
    expect(parsed.samples.length).toBeGreaterThan(100);
    const { samples, ...rest } = parseExposition(await open.text(), "openmetrics");
    expect({ ...rest, samples: samples.map(({ exemplar: _exemplar, ...sample }) => sample) }).toEqual(parsed);
  });

  test("each exemplar is a request of the log: its trace, its series, its duration or its statement's", async ({
    expect,
  }) => {
    const accept = { Authorization: `Bearer ${METRICS_TOKEN}`, Accept: "application/openmetrics-text" };
    const { samples } = parseExposition(await (await getMetrics(stack, accept)).text(), "openmetrics");
    const logged = new Map(stack.events().map((event) => [event["trace_id"], event]));
    const found = samples.flatMap(({ family, labels, exemplar }) => (exemplar ? [{ family, labels, exemplar }] : []));
    const families = new Set(found.map(({ family }) => family));
    expect([...families].toSorted()).toEqual(["db_query_duration_seconds", "http_request_duration_seconds"]);
    for (const { family, labels, exemplar } of found) {
      const event = logged.get(exemplar.labels["trace_id"]);
      const isRequest = family === "http_request_duration_seconds";
      expect(event?.[isRequest ? "duration_ms" : "db_ms"]).toBe(Math.round(exemplar.value * 1_000));
      if (isRequest) {
        const { method, route, status } = labels;
        expect([event?.["method"], event?.["route"] ?? "other", String(event?.["status"])]).toEqual([
          method,
          route,
          status,
        ]);
      }
    }
    // Every series that has been counted since the objects were last reset has one.
    const series = new Set(found.map(({ family, labels: { le: _le, ...labels } }) => JSON.stringify([family, labels])));
    expect(series.size).toBe(samples.filter(({ name }) => name.endsWith("_seconds_count")).length);
  });

  test.for(["lose-answers", "pass-twice"] as const)(
    "a batch that is sent again counts once (%s)",
    { timeout: 180_000 },
    async (mode, { expect }) => {
      await setProxyMode(stack, mode);
      const before = sent;
      await sendAll(
        Array.from({ length: 200 }, () => HEALTH),
        20,
      );
      // On a busy machine some of them miss the first batch, and are brought up below.
      const seen = total((await waitForRequests(stack, before + 1)).samples, "http_requests_total");
      expect(seen).toBeGreaterThan(before);
      expect(seen).toBeLessThanOrEqual(sent);
      await setProxyMode(stack, "pass");
      // Brings up again what was not acknowledged.
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      await sendAll([HEALTH], 1);
      expect(total((await waitForRequests(stack, sent)).samples, "http_requests_total")).toBe(sent);
    },
  );

  test("10,000 hostile paths, methods and headers make no series", { timeout: 180_000 }, async ({ expect }) => {
    const methods = ["GET", "POST", "DELETE", "PROPFIND", "MKCOL", "LOCK", "SUBSCRIBE", "REPORT"];
    const hostile = (from: number): PlainRequest[] =>
      Array.from({ length: 5_000 }, (_, index) => {
        const n = from + index;
        const targets = [`/evil-${n}`, `/api/v1/users/${n}`, `/api/v1/users/id/%22%0A${n}`, `/:evil${n}/{a}`];
        const headers = {
          "X-Request-ID": `series-${n}`,
          "User-Agent": `http_requests_total{a="${n}"} 1`,
          "X-API-Key": `guess-${n}`,
          "X-Version-Id": `version-${n}`,
          traceparent: `00-${n}`,
        };
        return { path: targets[n % 4] ?? "", method: methods[(n >> 2) % 8] ?? "GET", headers };
      });
    await sendAll(hostile(0), 100);
    const half = await waitForRequests(stack, sent);
    await sendAll(hostile(5_000), 100);
    const whole = await waitForRequests(stack, sent);

    const keys = ({ samples }: typeof whole) => samples.map(({ name, labels }) => JSON.stringify([name, labels]));
    expect(keys(whole)).toEqual(keys(half));
    const counted = whole.samples.filter(({ name }) => name === "http_requests_total");
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(sent);
    const routes = new Set(counted.map(({ labels }) => labels["route"] ?? ""));
    expect([...routes].toSorted()).toEqual(["/api/v1/users", BY_ID, BY_NAME, "/health", "other"]);
    const seen = [...new Set(counted.map(({ labels }) => labels["method"] ?? ""))];
    expect(seen.filter((method) => !isKnownMethod(method))).toEqual(["other"]);
  });

  test("a restart of the runtime loses nothing", { timeout: 180_000 }, async ({ expect }) => {
    const before = await waitForRequests(stack, sent);
    await stack.stop();
    stack = await start();
    expect(await readMetrics(stack)).toEqual(before);
    await sendAll([HEALTH], 1);
    expect(total((await waitForRequests(stack, sent)).samples, "http_requests_total")).toBe(sent);
  });
});
