import { describe, test } from "vitest";

import { createRandom } from "../../../../tools/rehearsal/load/random.ts";
import type { Comparison } from "../../../../tools/release/measure/measurement.ts";
import { createProbeSource, type ProbeOptions } from "../../../../tools/release/measure/probes.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const NEW = "22222222-0000-4000-8000-000000000000";
const OLD = "11111111-0000-4000-8000-000000000000";
const USERS = Array.from({ length: 30 }, (_, place) => ({ id: `id-${place}`, username: `user${place}` }));

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly versionId: string;
  readonly apiKey: string | null;
  readonly atMs: number;
}

interface ServiceOptions {
  /** Answers a request; null leaves it to the sound service. */
  readonly behave?: (sent: Sent) => Response | null;
  readonly takesMs?: (sent: Sent) => number;
}

const json = (body: unknown, versionId: string, status = 200, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers: { "X-Version-Id": versionId, "X-Request-ID": "request-1", ...headers } });

function answerSoundly({ url, versionId }: Sent): Response {
  if (url.pathname === "/health/ready") return json({ status: "ready" }, versionId);
  if (url.pathname === "/api/v1/users") {
    return json({ data: USERS.slice(0, Number(url.searchParams.get("limit"))), next_cursor: null }, versionId);
  }
  const wanted = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  const user = USERS.find(({ id, username }) => id === wanted || username === wanted);
  return user === undefined ? json({}, versionId, 404) : json(user, versionId);
}

/** A service of which the versions behave as told. */
function createService({ behave = () => null, takesMs = () => 20 }: ServiceOptions = {}) {
  const clock = createVirtualClock();
  const sent: Sent[] = [];
  const open = new Set<Sent>();
  const send: typeof fetch = async (input, init) => {
    const { url, method, headers } = new Request(input, init);
    // Not the request's own: it is told nothing any more once the request itself has been collected.
    const signal = init?.signal ?? new AbortController().signal;
    const override = /^api="([^"]+)"$/.exec(headers.get("Cloudflare-Workers-Version-Overrides") ?? "");
    const apiKey = headers.get("X-API-Key");
    const request = { method, url: new URL(url), versionId: override?.[1] ?? "none", apiKey, atMs: clock.now() };
    sent.push(request);
    open.add(request);
    await clock.sleep(takesMs(request), signal);
    open.delete(request);
    signal.throwIfAborted();
    return behave(request) ?? answerSoundly(request);
  };
  return { clock, sent, open, send };
}

type Service = ReturnType<typeof createService>;

const only =
  (versionId: string, behave: (sent: Sent) => Response | null): NonNullable<ServiceOptions["behave"]> =>
  (sent) =>
    sent.versionId === versionId ? behave(sent) : null;

const createSource = ({ clock, send }: Service, options: Partial<ProbeOptions> = {}) =>
  createProbeSource({
    url: "http://api.example",
    scriptName: "api",
    apiKeys: ["key-1", "key-2", "key-3"],
    ratePerVersion: 20,
    fetch: send,
    clock,
    random: createRandom(7),
    ...options,
  });

/** Observes for that long; gives the last comparison. */
async function observe(service: Service, seconds = 5, options: Partial<ProbeOptions> = {}): Promise<Comparison> {
  const versions = { candidate: NEW, baseline: OLD, signal: new AbortController().signal };
  let passed = 0;
  for await (const comparison of createSource(service, options).observe(versions)) {
    if (++passed === seconds) return comparison;
  }
  throw new Error("the observation ended by itself");
}

describe("probes", () => {
  test("measure both versions alike, at the rate that was asked for", async ({ expect }) => {
    const takesMs = ({ versionId }: Sent): number => (versionId === NEW ? 30 : 20);
    const { candidate, baseline, examples } = await observe(createService({ takesMs }));
    expect(candidate.samples).toBeGreaterThanOrEqual(98);
    expect(candidate.samples).toBeLessThanOrEqual(100);
    expect(Math.abs(candidate.samples - baseline.samples)).toBeLessThan(2);
    expect([candidate.errors, baseline.errors, examples]).toEqual([0, 0, []]);
    expect(candidate.latenciesMs).toHaveLength(candidate.samples);
    expect([new Set(candidate.latenciesMs), new Set(baseline.latenciesMs)]).toEqual([new Set([30]), new Set([20])]);
  });

  test("only read, with the version and a key in every request", async ({ expect }) => {
    const service = createService();
    await observe(service);
    expect(new Set(service.sent.map(({ method }) => method))).toEqual(new Set(["GET"]));
    expect(new Set(service.sent.map(({ versionId }) => versionId))).toEqual(new Set([NEW, OLD]));
    expect(new Set(service.sent.map(({ apiKey }) => apiKey))).toEqual(new Set(["key-1", "key-2", "key-3"]));
    const routes = new Set(service.sent.map(({ url }) => url.pathname.replace(/(id|username)\/.*/, "$1")));
    expect([...routes].toSorted()).toEqual([
      "/api/v1/users",
      "/api/v1/users/id",
      "/api/v1/users/username",
      "/health/ready",
    ]);
  });

  test("ask both versions the same thing with the same key, shortly after each other", async ({ expect }) => {
    const service = createService();
    await observe(service);
    const firsts = service.sent.filter((_, place) => place % 2 === 0);
    const seconds = service.sent.filter((_, place) => place % 2 === 1);
    const versionsOf = (index: number) => new Set([firsts[index]?.versionId, seconds[index]?.versionId]);
    for (const [index, second] of seconds.entries()) {
      expect([second.url.href, second.apiKey]).toEqual([firsts[index]?.url.href, firsts[index]?.apiKey]);
      expect(second.atMs - (firsts[index]?.atMs ?? 0)).toBe(25);
      expect(versionsOf(index)).toEqual(new Set([NEW, OLD]));
    }
    const newFirst = firsts.filter(({ versionId }) => versionId === NEW).length / firsts.length;
    expect(newFirst).toBeGreaterThan(0.3);
    expect(newFirst).toBeLessThan(0.7);
  });

  test("do not wait for answers, but have a limited number of them under way", async ({ expect }) => {
    const service = createService({ takesMs: ({ versionId }) => (versionId === NEW ? 9_000 : 20) });
    const { baseline } = await observe(service, 4);
    expect(baseline.samples).toBeGreaterThan(70);
    expect(service.open.size).toBe(0);

    const busier = createService({ takesMs: ({ versionId }) => (versionId === NEW ? 9_000 : 20) });
    await observe(busier, 8);
    expect(busier.sent.filter(({ versionId }) => versionId === NEW)).toHaveLength(100);
  });

  test("send no key to an open API", async ({ expect }) => {
    const service = createService();
    await observe(service, 2, { apiKeys: [] });
    expect(new Set(service.sent.map(({ apiKey }) => apiKey))).toEqual(new Set([null]));
  });

  test("say how fast they go", ({ expect }) => {
    const options = { url: "http://api.example", scriptName: "api", apiKeys: [], ratePerVersion: 16 };
    expect(createProbeSource(options).description).toContain("16 a second");
  });
});

test("requests are told apart by the second in which they were sent, whenever they end", async ({ expect }) => {
  const isEarly = ({ versionId, atMs }: Sent): boolean => versionId === NEW && atMs < 1_000;
  const takesMs = (sent: Sent): number => (isEarly(sent) ? 1_500 : 20);
  const behave = (sent: Sent): Response | null => (sent.versionId === OLD ? json({}, OLD, 500) : null);
  const early = await observe(createService({ takesMs }), 2);
  expect(early.candidate.blocks[0]).toMatchObject({ succeededMs: expect.arrayContaining([1_500]), failedMs: [] });
  expect(Math.max(...(early.candidate.blocks[0]?.waitingMs ?? []))).toBeLessThan(1_500);
  const { candidate, baseline } = await observe(createService({ takesMs, behave }), 4);
  expect(candidate.blocks[0]).toEqual({
    succeededMs: Array.from({ length: 20 }, () => 1_500),
    failedMs: [],
    waitingMs: [],
  });
  expect(candidate.blocks[1]?.succeededMs).toEqual(Array.from({ length: 20 }, () => 20));
  expect(baseline.blocks[1]).toEqual({
    succeededMs: [],
    failedMs: Array.from({ length: 20 }, () => 20),
    waitingMs: [],
  });
  expect(Math.abs(candidate.blocks.length - baseline.blocks.length)).toBeLessThan(2);
});

describe("a failure of one version", () => {
  test.for<readonly [string, (sent: Sent) => Response, string]>([
    ["is a 5xx", ({ versionId }) => json({}, versionId, 500), "answered 500"],
    ["is a status that was not to be expected", ({ versionId }) => json({}, versionId, 303), "answered 303"],
    ["is a body that is not JSON", () => new Response("<p>", { headers: { "X-Version-Id": NEW } }), "is not JSON"],
    ["is a body of another shape", ({ versionId }) => json({ error: "none" }, versionId), "the answer "],
    ["is the platform's own error page", () => new Response("1101", { status: 500 }), "500 without X-Version-Id"],
    ["is an answer that names no version", () => Response.json({ status: "ready" }), "200 without X-Version-Id"],
    [
      "is no answer",
      () => {
        throw new Error("fetch failed", { cause: new Error("reset") });
      },
      "no answer: reset",
    ],
  ])("%s", async ([, behave, words], { expect }) => {
    const { candidate, baseline, examples } = await observe(createService({ behave: only(NEW, behave) }));
    expect(candidate).toMatchObject({ errors: candidate.samples, latenciesMs: [] });
    expect(candidate.samples).toBeGreaterThan(90);
    expect(baseline.errors).toBe(0);
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.length).toBeLessThanOrEqual(5);
    expect(examples.every((example) => example.includes(words))).toBe(true);
  });

  test("is the wrong user", async ({ expect }) => {
    const isById = ({ url }: Sent): boolean => url.pathname.includes("/id/");
    const behave = only(NEW, (sent) => (isById(sent) ? json(USERS[0], sent.versionId) : null));
    const { candidate, examples } = await observe(createService({ behave }));
    expect(candidate.errors).toBeGreaterThan(15);
    expect(examples.join()).toContain("GET /api/v1/users/id/{id}: the answer is not the user that was asked for");
  });

  test("is an answer that takes too long", async ({ expect }) => {
    const service = createService({ takesMs: ({ versionId }) => (versionId === NEW ? 3_000 : 20) });
    const { candidate, baseline, examples } = await observe(service, 5, { timeoutMs: 2_000 });
    expect(candidate.samples).toBeGreaterThan(50);
    expect([candidate.errors, baseline.errors]).toEqual([candidate.samples, 0]);
    expect(examples.join()).toContain("no answer within 2 s");
  });

  test("is no answer for three seconds, until there is one", async ({ expect }) => {
    const takesMs = ({ versionId, atMs }: Sent): number => (versionId === NEW && atMs < 1_000 ? 4_000 : 20);
    const early = await observe(createService({ takesMs }), 4);
    const overdue = early.candidate.errors;
    expect(overdue).toBeGreaterThan(15);
    // The first of them has its answer, the others are late.
    expect(early.candidate.samples - early.candidate.latenciesMs.length).toBe(overdue);
    expect(early.examples.join()).toMatch(/GET \/api\/v1\/users: no answer after 3 s \(\d+ times\)/);
    const { candidate, baseline, examples, oldestPendingMs } = await observe(createService({ takesMs }), 6);
    expect([candidate.errors, examples]).toEqual([0, []]);
    expect(candidate.samples).toBe(candidate.latenciesMs.length);
    expect(Math.abs(candidate.samples - baseline.samples)).toBeLessThan(2);
    expect(oldestPendingMs).toBeLessThan(100);
  });

  test("is not known yet while it has been under way for less", async ({ expect }) => {
    const service = createService({ takesMs: ({ versionId }) => (versionId === NEW ? 9_000 : 20) });
    const { candidate, oldestPendingMs } = await observe(service, 2);
    expect(candidate.samples).toBe(0);
    expect(oldestPendingMs).toBeGreaterThan(1_900);
  });

  test("is told with the id of a request, but without the user's name", async ({ expect }) => {
    const service = createService({ behave: only(NEW, ({ versionId }) => json({}, versionId, 500)) });
    const { examples } = await observe(service);
    expect(examples.join("\n")).toMatch(/^GET \/api\/v1\/users: answered 500 \(\d+ times, request request-1\)$/m);
    expect(examples.join("\n")).not.toMatch(/user\d|id-\d/);
  });
});

describe("an answer from another version", () => {
  /** Every n-th request that is pinned to the new version gets to the old one. */
  const misroute = (every: number) => {
    let count = 0;
    return only(NEW, (sent) => (++count % every === 0 ? answerSoundly({ ...sent, versionId: OLD }) : null));
  };

  test("counts for neither, and is told", async ({ expect }) => {
    const { candidate, baseline, examples } = await observe(createService({ behave: misroute(1) }));
    expect(candidate).toEqual({ samples: 0, errors: 0, latenciesMs: [], blocks: [] });
    expect(baseline.samples).toBeLessThanOrEqual(100);
    expect(examples.join()).toMatch(
      new RegExp(`override ignored: (\\d+) of \\1 answers asked of version ${NEW} came from another, lately ${OLD}`),
    );
  });

  test("makes the others worthless as well when there are many", async ({ expect }) => {
    const { candidate, examples } = await observe(createService({ behave: misroute(2) }));
    expect(candidate.samples).toBe(0);
    expect(examples.join()).toContain("none of them counts");
  });

  test("now and then does no harm", async ({ expect }) => {
    const { candidate, examples } = await observe(createService({ behave: misroute(40) }));
    expect(candidate.samples).toBeGreaterThan(90);
    expect(candidate.errors).toBe(0);
    expect(examples.join()).toMatch(/override ignored: 2 of \d+ answers/);
  });
});

describe("a user who is not found", () => {
  const isUser = ({ url }: Sent): boolean => /\/(id|username)\//.test(url.pathname);
  const deny = (sent: Sent): Response | null => (isUser(sent) ? json({}, sent.versionId, 404) : null);

  test("by either version was deleted, which is nobody's fault", async ({ expect }) => {
    const { candidate, baseline } = await observe(createService({ behave: deny }));
    expect([candidate.errors, baseline.errors]).toEqual([0, 0]);
    expect(candidate.samples).toBeGreaterThan(0);
  });

  test("is not asked for again", async ({ expect }) => {
    let lists = 0;
    const isLate = ({ url }: Sent): boolean => url.pathname === "/api/v1/users" && ++lists > 2;
    const behave = (sent: Sent): Response | null => (isLate(sent) ? json({ data: [] }, sent.versionId) : deny(sent));
    const service = createService({ behave });
    await observe(service);
    const paths = service.sent.filter(isUser).map(({ url }) => url.pathname);
    expect(paths.length).toBeGreaterThan(0);
    // Once of each version.
    expect(paths).toHaveLength(2 * new Set(paths).size);
  });

  test("the second time was deleted in between", async ({ expect }) => {
    const asked = new Set<string>();
    // Each user is found once, by whichever version asks first.
    const behave = (sent: Sent): Response | null => {
      if (isUser(sent) && asked.has(sent.url.pathname)) return json({}, sent.versionId, 404);
      asked.add(sent.url.pathname);
      return null;
    };
    const { candidate, baseline } = await observe(createService({ behave }));
    expect([candidate.errors, baseline.errors]).toEqual([0, 0]);
  });

  test("by one version, though the other still finds them, is that version's fault", async ({ expect }) => {
    const { candidate, baseline, examples } = await observe(createService({ behave: only(NEW, deny) }));
    expect(candidate.errors).toBeGreaterThan(50);
    expect(baseline.errors).toBe(0);
    expect(examples.join()).toContain("answered 404 for a user that the other version finds");
  });
});

test("the rate limit is neither error nor success, and slows the probes down", async ({ expect }) => {
  let asked = 0;
  const behave = ({ versionId }: Sent): Response | null =>
    asked++ < 2 ? json({}, versionId, 429, { "Retry-After": "3" }) : null;
  const service = createService({ behave });
  const { candidate, baseline, examples } = await observe(service, 5);
  expect([candidate.errors, baseline.errors, examples]).toEqual([0, 0, []]);
  // Two refusals, a pause of three seconds, then half the rate.
  expect(service.sent.filter(({ atMs }) => atMs > 100 && atMs < 3_000)).toEqual([]);
  expect(candidate.samples).toBeGreaterThan(15);
  expect(candidate.samples).toBeLessThan(22);
});

describe("the end of an observation", () => {
  /** Stops after two reports; tells when it had ended. */
  async function observeUntilStopped(service: Service) {
    const stop = new AbortController();
    let [reports, sentBefore] = [0, 0];
    const versions = { candidate: NEW, baseline: OLD, signal: stop.signal };
    // At this rate, only one version of a pair has been asked when it stops.
    for await (const { candidate } of createSource(service, { ratePerVersion: 20.2 }).observe(versions)) {
      if (++reports === 2) {
        stop.abort();
        sentBefore = service.sent.length;
      }
      if (candidate.errors > 0) throw new Error("a request was counted that was given up");
    }
    return { reports, endedAtMs: service.clock.now(), sentAfterwards: service.sent.length - sentBefore };
  }

  test("comes with the signal, after the last request, which may take its time", async ({ expect }) => {
    const service = createService({ takesMs: () => 700 });
    const { reports, endedAtMs, sentAfterwards } = await observeUntilStopped(service);
    expect([reports, service.open.size, sentAfterwards]).toEqual([2, 0, 0]);
    expect(endedAtMs).toBeGreaterThan(2_600);
    expect(endedAtMs).toBeLessThanOrEqual(2_700);
  });

  test("does not wait for what hangs", async ({ expect }) => {
    const service = createService({ takesMs: () => 9_000 });
    const { endedAtMs } = await observeUntilStopped(service);
    expect([service.open.size, endedAtMs]).toEqual([0, 3_000]);
  });

  test("comes at once when it is asked for before the start", async ({ expect }) => {
    const service = createService();
    const versions = { candidate: NEW, baseline: OLD, signal: AbortSignal.abort() };
    for await (const _ of createSource(service).observe(versions)) throw new Error("nothing was to be observed");
    expect(service.sent).toEqual([]);
  });
});
