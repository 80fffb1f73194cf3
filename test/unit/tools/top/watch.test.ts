import { createServer } from "node:http";

import { afterAll, beforeAll, describe, test } from "vitest";

import { closeServer, findFreePort, listen } from "../../../../tools/net/listen.ts";
import { scrape } from "../../../../tools/top/scrape.ts";
import { lookOnce, watch } from "../../../../tools/top/watch.ts";

/** What the next requests are answered; the last one again and again. */
let answers: { status: number; body: string; location?: string }[] = [];
const seen: (string | undefined)[] = [];
const server = createServer((request, response) => {
  seen.push(request.headers.authorization);
  const { status, body, location } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 200, body: "" };
  response.writeHead(status, location === undefined ? {} : { Location: location }).end(body);
});
let url = "";

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(server, { port: 0 })}/metrics`;
});

afterAll(async () => {
  await closeServer(server);
});

const page = (count: number) => ({ status: 200, body: `load_shedding_refused_total ${count}\n` });
const never = new AbortController().signal;

/** Why there are no metrics. */
async function refusal(token: string | null = "t"): Promise<string> {
  const outcome = await scrape({ url, token }, never).catch((error: unknown) => error);
  return outcome instanceof Error ? outcome.message : "no refusal";
}

describe("a scrape", () => {
  test("presents the token, and only where it is for", async ({ expect }) => {
    answers = [page(1)];
    seen.length = 0;
    await scrape({ url, token: "sesame" }, never);
    expect(seen).toEqual(["Bearer sesame"]);
    answers = [{ status: 302, body: "", location: url }];
    expect(await refusal()).toContain("answered 302");
    expect(seen).toHaveLength(2);
  });

  test.for([
    [401, "Present the token", "wants a token: --token-file FILE, or METRICS_TOKEN."],
    [403, "The token is wrong.", "refuses the token"],
    [503, "A shard did not answer: scrape again.\n", "(503): A shard did not answer: scrape again."],
    [404, "\u001B[31mnothing", "is that the telemetry Worker, and not the API? ?[31mnothing"],
    [200, "<!doctype html>", "is no page of metrics"],
  ] as const)("that is answered %d says what to do", async ([status, body, advice], { expect }) => {
    answers = [{ status, body }];
    expect(await refusal(status === 401 ? null : "sesame")).toContain(advice);
    expect(await refusal("sesame")).not.toContain("sesame");
  });

  test("of nobody says that nobody answers", async ({ expect }) => {
    const nobody = { url: `http://127.0.0.1:${await findFreePort()}/metrics`, token: null };
    await expect(scrape(nobody, never)).rejects.toMatchObject({
      isUnreachable: true,
      message: expect.stringMatching(/^No answer from .*ECONNREFUSED.*npm start/),
    });
  });
});

describe("looking", () => {
  test("once compares two scrapes", async ({ expect }) => {
    answers = [page(10), page(17)];
    const { events } = await lookOnce({ target: { url, token: null }, intervalMs: 1 }, never);
    expect(events.loadShed).toBe(7);
  });

  test("on and on survives failures, compares with what was before them, and ends when told to", async ({ expect }) => {
    answers = [{ status: 503, body: "later" }, page(1), page(3), { status: 503, body: "later" }, page(10), page(10)];
    const events: string[] = [];
    const stop = new AbortController();
    const watcher = {
      onFirst: () => void events.push("first"),
      onFailure: () => void events.push("failure"),
      onSummary: ({ events: { loadShed } }: { events: { loadShed: number } }) => {
        events.push(`shed ${loadShed}`);
        if (loadShed === 0) stop.abort();
      },
    };
    await watch({ target: { url, token: null }, intervalMs: 1 }, watcher, stop.signal);
    expect(events).toEqual(["failure", "first", "shed 2", "failure", "shed 7", "shed 0"]);
  });
});
