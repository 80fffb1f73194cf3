import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, test } from "vitest";

import { judge, type Verdict } from "../../tools/release/judge/judge.ts";
import type { Comparison } from "../../tools/release/measure/measurement.ts";
import { createProbeSource } from "../../tools/release/measure/probes.ts";
import { waitForVersion } from "../../tools/release/traffic/propagation.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "key-of-the-probes-test-0123456789abcdef";
const SCRIPT = "users-api";

/** Versions by what the stand-in makes of them. */
const OLD = "old-version";
const FLAKY = "version-that-fails-5-percent";
const SLOW = "version-that-is-twice-as-slow";
const UNKNOWN = "version-that-no-override-reaches";
const LATE = "version-that-the-network-knows-late";
const LATE_REQUESTS = 3;
const USERS = [1, 2, 3].map((place) => ({ id: `id-${place}`, username: `user${place}` }));

let standIn: Server;
let url: string;
const methods = new Set<string>();
const requests = new Map<string, number>();

beforeAll(async () => {
  standIn = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  standIn.listen(0, "127.0.0.1");
  await once(standIn, "listening");
  const address = standIn.address();
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  url = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  standIn.closeAllConnections();
  standIn.close();
});

/** Stands in for a deployment of several versions: it costs next to nothing, so that only the faults are seen. */
async function answer({ method = "", url: target = "/", headers }: IncomingMessage, response: ServerResponse) {
  const version = versionIn(headers["cloudflare-workers-version-overrides"]);
  const count = (requests.get(version) ?? 0) + 1;
  requests.set(version, count);
  methods.add(method);
  const isUnreached = version === UNKNOWN || (version === LATE && count <= LATE_REQUESTS);
  await sleep(version === SLOW ? 60 : 30);
  response.writeHead(version === FLAKY && count % 20 === 0 ? 500 : 200, {
    "X-Version-Id": isUnreached ? OLD : version,
  });
  response.end(JSON.stringify(findBody(target)));
}

const versionIn = (override: string | string[] | undefined): string =>
  /^users-api="(.+)"$/.exec(override?.toString() ?? "")?.[1] ?? OLD;

function findBody(target: string): unknown {
  const { pathname } = new URL(target, url);
  if (pathname.startsWith("/health")) return { status: "ready" };
  const user = USERS.find(({ id, username }) => pathname.endsWith(id) || pathname.endsWith(username));
  return user ?? { data: USERS.slice(0, 1), next_cursor: null };
}

interface Bake {
  readonly verdict: Verdict;
  readonly comparison: Comparison;
}

interface BakeOptions {
  readonly origin?: string;
  readonly baseline?: string;
  readonly ratePerVersion?: number;
  /** The time is over when the old version has answered so often. */
  readonly samples?: number;
}

/** Watches a release until it is decided. */
async function bake(
  candidate: string,
  { origin = url, baseline = OLD, ratePerVersion = 40, samples = 400 }: BakeOptions = {},
): Promise<Bake> {
  const source = createProbeSource({ url: origin, scriptName: SCRIPT, apiKeys: [API_KEY], ratePerVersion });
  for await (const comparison of source.observe({ candidate, baseline, signal: AbortSignal.timeout(50_000) })) {
    const phase = comparison.baseline.samples >= samples ? "due" : "open";
    const verdict = judge(comparison, { phase, isPeerIdle: false });
    if (verdict.kind !== "undecided") return { verdict, comparison };
  }
  throw new Error("nothing was decided");
}

describe("probes of the real Worker", () => {
  /** What the Worker calls itself where no platform gives it a version. */
  const LOCAL = "local";
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ vars: { API_KEY } });
    for (const username of ["jdoe", "asmith", "bjones"]) {
      const user = { username, email: `${username}@example.com`, full_name: "Probed User" };
      await stack.sendJson("/api/v1/users", user, { headers: { "X-API-Key": API_KEY } });
    }
  });

  afterAll(() => stack.stop());

  test("find it as good as itself", async ({ expect }) => {
    const options = { origin: stack.url.origin, baseline: LOCAL, ratePerVersion: 25, samples: 420 };
    const { verdict, comparison } = await bake(LOCAL, options);
    expect(verdict.kind, JSON.stringify(verdict)).toBe("healthy");
    expect([comparison.candidate.errors, comparison.baseline.errors, comparison.examples]).toEqual([0, 0, []]);
    const routes = stack.events().map(({ route }) => route);
    expect(new Set(routes)).toEqual(
      new Set(["/api/v1/users", "/api/v1/users/id/:id", "/api/v1/users/username/:username", "/health/ready"]),
    );
  });
});

describe.concurrent("probes of versions with faults", () => {
  test("catch one that fails 5 % of its requests", async ({ expect }) => {
    const { verdict, comparison } = await bake(FLAKY);
    expect(verdict.kind, JSON.stringify(verdict)).toBe("unhealthy");
    expect([comparison.baseline.errors, comparison.candidate.samples < 400]).toEqual([0, true]);
    expect(comparison.examples.join()).toContain("answered 500");
  });

  test("catch one that is twice as slow", async ({ expect }) => {
    const { verdict, comparison } = await bake(SLOW);
    expect(verdict.kind, JSON.stringify(verdict)).toBe("unhealthy");
    expect(comparison.candidate.errors).toBe(0);
    expect(JSON.stringify(verdict)).toContain("the median answer took");
  });

  test("learn nothing about one that they do not reach", async ({ expect }) => {
    const { verdict, comparison } = await bake(UNKNOWN, { samples: 60 });
    expect(verdict.kind, JSON.stringify(verdict)).toBe("too-few-samples");
    expect([comparison.candidate.samples, comparison.baseline.errors]).toEqual([0, 0]);
    expect(comparison.examples.join()).toContain("override ignored");
  });

  test("are preceded by a wait until the network knows the version", async ({ expect }) => {
    const signal = AbortSignal.timeout(50_000);
    await waitForVersion({ url, scriptName: SCRIPT, versionId: LATE, usesOverride: true, signal });
    expect(requests.get(LATE)).toBe(LATE_REQUESTS + 5);
  });
});

test("probes only read", ({ expect }) => {
  expect(methods).toEqual(new Set(["GET"]));
});
