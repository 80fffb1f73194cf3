import { createServer, type Server } from "node:http";

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";

import { launchBrowser } from "../../tools/browser/launch.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";
import { readUser, USERS } from "../support/http-messages.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "key-of-the-cors-test-0123456789abcdef";
const CREDENTIALS = { "X-API-Key": API_KEY };

/** An answer that a page may read; `failure` is what the browser throws when it may not. */
type Seen =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  | { readonly failure: string };

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly isAnonymous?: boolean;
  /** How the browser uses its HTTP cache. */
  readonly cache?: "default" | "force-cache";
}

/** A site with one empty page. */
async function startSite(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>A page</title>");
  });
  return { server, origin: `http://127.0.0.1:${await listen(server, { port: 0 })}` };
}

describe("Pages of other origins in a browser", () => {
  let stack: Stack;
  let browser: Browser;
  /** Of one site as browsers see it, so that their pages share the HTTP cache; the second is not on the list. */
  let sites: readonly [named: { origin: string; server: Server }, other: { origin: string; server: Server }];
  let context: BrowserContext;
  let named: Page;
  let other: Page;
  let varied: { readonly kind: string; readonly url: string; readonly vary: string }[];

  beforeAll(async () => {
    browser = await launchBrowser();
    sites = [await startSite(), await startSite()];
    stack = await startStack({ vars: { API_KEY, CORS_ORIGINS: `https://app.example.com,${sites[0].origin}` } });
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    varied = [];
    [named, other] = [await open(sites[0].origin), await open(sites[1].origin)];
    stack.gateway.clearFaults();
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all((sites ?? []).map(({ server }) => closeServer(server)));
    await stack?.stop();
  });

  async function open(origin: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(origin);
    // Playwright's own events leave preflights out.
    const session = await context.newCDPSession(page);
    session.on("Network.responseReceived", ({ type, response: { url, headers } }) => {
      if (!url.startsWith(stack.url.origin)) return;
      varied.push({ kind: type, url, vary: headers["vary"] ?? headers["Vary"] ?? "" });
    });
    await session.send("Network.enable");
    return page;
  }

  /** Calls the API from a page, as its script would. */
  function call(page: Page, path: string, { json, isAnonymous = false, ...init }: Call = {}): Promise<Seen> {
    const headers = {
      ...(isAnonymous ? {} : CREDENTIALS),
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...init.headers,
    };
    const body = json === undefined ? null : JSON.stringify(json);
    return page.evaluate(
      async ([url, options]) => {
        try {
          const response = await fetch(url, options);
          const text = await response.text();
          return {
            status: response.status,
            headers: Object.fromEntries(response.headers),
            body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text,
          };
        } catch (error) {
          return { failure: String(error) };
        }
      },
      [new URL(path, stack.url).href, { ...init, headers, body }] as const,
    );
  }

  async function create(username: string) {
    const input = { username, email: `${username}@example.com`, full_name: "Ada Lovelace" };
    return await readUser(await stack.sendJson(USERS, input, { headers: CREDENTIALS }));
  }

  const refused = { failure: "TypeError: Failed to fetch" };

  test("of a named origin read, create and change users, with the headers that this takes", async ({ expect }) => {
    const requestId = { "x-request-id": expect.stringMatching(/^[\w-]+$/) as string };
    const input = { username: "fromapage", email: "fromapage@example.com", full_name: "Ada Lovelace" };
    const created = await call(named, USERS, { method: "POST", json: input });
    const location = expect.stringMatching(/^\/api\/v1\/users\/id\/[\w-]+$/) as string;
    expect(created).toMatchObject({
      status: 201,
      headers: { ...requestId, location, etag: expect.any(String) as string },
    });
    if (!("headers" in created)) return;
    const { location: path = "", etag: tag = "" } = created.headers;

    const list = await call(named, `${USERS}?username=fromapage`);
    expect(list).toMatchObject({ status: 200, headers: requestId, body: { data: [{ username: "fromapage" }] } });
    const read = await call(named, path);
    expect(read).toMatchObject({ status: 200, headers: { ...requestId, etag: tag } });

    const change: Call = { method: "PATCH", json: { full_name: "Ada King" }, headers: { "If-Match": tag } };
    const changed = await call(named, path, change);
    expect(changed).toMatchObject({ status: 200, headers: requestId, body: { full_name: "Ada King" } });
    expect(await call(named, path, change)).toMatchObject({
      status: 412,
      body: { type: "/problems/precondition-failed" },
    });
    expect(await call(named, path)).toMatchObject({ status: 200, body: { full_name: "Ada King" } });
  });

  test("of a named origin learn when to come again", async ({ expect }) => {
    stack.gateway.inject({ kind: "refuse", durationMs: 60_000 });
    const answer = await call(named, USERS);
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": expect.stringMatching(/^\d+$/) as string } });
  });

  test("of any other origin are refused, and change nothing", async ({ expect }) => {
    const { id } = await create("untouched");
    const path = `${USERS}/id/${id}`;
    expect(await call(other, USERS)).toEqual(refused);
    expect(await call(other, path)).toEqual(refused);
    expect(await call(other, path, { method: "PATCH", json: { full_name: "Eve" } })).toEqual(refused);
    expect(await call(other, path, { method: "DELETE" })).toEqual(refused);
    expect(await call(named, path)).toMatchObject({ status: 200, body: { full_name: "Ada Lovelace" } });
  });

  test("are told apart by the browser's cache", async ({ expect }) => {
    const path = "/docs/page.css";
    const cached: Call = { isAnonymous: true, cache: "force-cache" };
    // Whoever embeds it need not name an origin, so it is stored without a word about any.
    await other.addStyleTag({ url: new URL(path, stack.url).href });
    const readable = { status: 200, body: expect.stringContaining("{") as string };
    expect(await call(named, path, cached)).toMatchObject(readable);
    expect(await call(other, path, cached)).toEqual(refused);
    expect(await call(named, path, cached)).toMatchObject(readable);
  });

  test("get answers that vary by origin, preflights included", async ({ expect }) => {
    const { id } = await create("varied");
    for (const page of [named, other]) {
      for (const path of [USERS, `${USERS}/id/${id}`, "/health", "/openapi.json", "/nowhere"]) await call(page, path);
      await call(page, `${USERS}/id/${id}`, { method: "PATCH", json: { full_name: "Ada King" } });
    }
    expect(new Set(varied.map(({ kind }) => kind))).toEqual(new Set(["Preflight", "Fetch"]));
    expect(varied.length).toBeGreaterThan(12);
    expect(varied.filter(({ vary }) => !vary.split(", ").includes("Origin"))).toEqual([]);
  });
});
