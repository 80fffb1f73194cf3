import { describe, test } from "vitest";

import type { Clock } from "../../../../tools/release/measure/clock.ts";
import { PropagationError, waitForVersion } from "../../../../tools/release/traffic/propagation.ts";

const NEW = "22222222-0000-4000-8000-000000000000";
const OLD = "11111111-0000-4000-8000-000000000000";
const NEVER = new AbortController().signal;

/** Time passes only while somebody sleeps. */
function createClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep(ms) {
      now += ms;
      return Promise.resolve();
    },
  };
}

/** Answers with these versions, and with the last one from then on; null answers without a version, an error fails. */
function createNetwork(answers: readonly (string | null | Error)[]) {
  const overrides: (string | null)[] = [];
  const paths: string[] = [];
  const send: typeof fetch = (input, init) => {
    const answer = answers[Math.min(overrides.length, answers.length - 1)];
    overrides.push(new Headers(init?.headers).get("Cloudflare-Workers-Version-Overrides"));
    paths.push(new URL(new Request(input).url).pathname);
    if (answer instanceof Error) return Promise.reject(answer);
    const headers: Record<string, string> = typeof answer === "string" ? { "X-Version-Id": answer } : {};
    return Promise.resolve(new Response("{}", { status: answer === null ? 500 : 200, headers }));
  };
  return { overrides, paths, send };
}

function wait(send: typeof fetch, options: Partial<Parameters<typeof waitForVersion>[0]> = {}) {
  return waitForVersion({
    url: "http://api.example",
    scriptName: "api",
    versionId: NEW,
    usesOverride: true,
    signal: NEVER,
    fetch: send,
    clock: createClock(),
    ...options,
  });
}

describe("waiting for a version", () => {
  test("ends after five answers in a row", async ({ expect }) => {
    const { send, overrides, paths } = createNetwork([NEW]);
    expect(await wait(send)).toEqual({ waitedMs: 800 });
    expect(overrides).toEqual(Array.from({ length: 5 }, () => `api="${NEW}"`));
    expect(new Set(paths)).toEqual(new Set(["/health"]));
  });

  test("starts again after an answer from another version", async ({ expect }) => {
    const { send, overrides } = createNetwork([OLD, NEW, NEW, NEW, NEW, OLD, NEW, NEW, NEW, NEW, NEW]);
    await wait(send);
    expect(overrides).toHaveLength(11);
  });

  test.for([
    ["no answer", new Error("fetch failed")],
    ["an answer that names no version", null],
  ] as const)("starts again after %s", async ([, disturbance], { expect }) => {
    const { send, overrides } = createNetwork([NEW, NEW, disturbance, NEW, NEW, NEW]);
    await wait(send, { consecutive: 3 });
    expect(overrides).toHaveLength(6);
  });

  test("without an override takes what comes", async ({ expect }) => {
    const { send, overrides } = createNetwork([OLD]);
    await wait(send, { versionId: OLD, usesOverride: false });
    expect(overrides).toEqual([null, null, null, null, null]);
  });

  test("after a rollback asks for the version that was taken out, and must not get it", async ({ expect }) => {
    const { send, overrides } = createNetwork([NEW, OLD, OLD, OLD, OLD, OLD]);
    await wait(send, { versionId: OLD, usesOverride: false, takenOut: NEW });
    expect(overrides).toEqual(Array.from({ length: 6 }, () => `api="${NEW}"`));
  });

  test("ends in time, and says what was seen and what to do", async ({ expect }) => {
    const { send, overrides } = createNetwork([NEW, NEW, OLD]);
    const failure = wait(send, { timeoutMs: 2_000 });
    await expect(failure).rejects.toThrow(PropagationError);
    await expect(failure).rejects.toThrow(
      `version ${NEW} did not give 5 answers in a row at http://api.example within 2 s; of 11 requests, the last other answer was: 200 from version ${OLD}. Check that the version is part of the live deployment`,
    );
    expect(overrides).toHaveLength(11);
  });

  test("tells a version that cannot even answer", async ({ expect }) => {
    await expect(wait(createNetwork([null]).send)).rejects.toThrow("500 without X-Version-Id");
    await expect(wait(createNetwork([new Error("refused")]).send)).rejects.toThrow("no answer (refused)");
  });

  test("ends with the signal", async ({ expect }) => {
    const { send } = createNetwork([OLD]);
    const stop = new AbortController();
    let slept = 0;
    const clock = createClock();
    const sleep: Clock["sleep"] = (ms, signal) => {
      if (++slept === 3) stop.abort(new Error("interrupted"));
      return clock.sleep(ms, signal);
    };
    await expect(wait(send, { signal: stop.signal, clock: { ...clock, sleep } })).rejects.toThrow("interrupted");
    expect(slept).toBe(3);
  });
});
