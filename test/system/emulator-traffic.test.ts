import { mkdirSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request as sendRequest } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, test } from "vitest";

import type { TraceEvent } from "../../tools/cloudflare-emulator/data-plane/index.ts";
import { type DataPlaneStack, POLL, startDataPlaneStack, SUBDOMAIN } from "../support/emulator-data-plane.ts";
import { makeScript } from "../support/versions.ts";

const OVERRIDES = "Cloudflare-Workers-Version-Overrides";
const KEY = "Cloudflare-Workers-Version-Key";

let stack: DataPlaneStack;

async function read(script: string, headers: Record<string, string> = {}): Promise<string> {
  return await (await stack.fetch(script, "/", { headers })).text();
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** With a Host header, which fetch does not let one choose. */
function ask(host: string, resource = "/", method = "GET"): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = sendRequest(
    new URL(stack.dataPlane.proxyUrl),
    { path: resource, method, headers: { host } },
    (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    },
  );
  request.on("error", reject).end();
  return promise;
}

beforeAll(async () => {
  stack = await startDataPlaneStack();
});

afterAll(async () => {
  await stack.stop();
});

describe("The data plane", () => {
  test("gives a version its bindings and modules", async ({ expect }) => {
    const wasm = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const source = `import note from "./note.txt"; import data from "./data.bin"; import wasm from "./empty.wasm";
      export default { fetch: (request, { TEXT, SECRET, JSON: json, META }) =>
        Response.json({ TEXT, SECRET, json, META, note, data: [...new Uint8Array(data)], wasm: String(wasm) }) };`;
    const version = stack.make.version(source, {
      bindings: [
        { name: "TEXT", type: "plain_text", text: "a" },
        { name: "SECRET", type: "secret_text", text: "b" },
        { name: "JSON", type: "json", json: { c: 1 } },
        { name: "META", type: "version_metadata" },
      ],
      annotations: { "workers/tag": "3fded92" },
      modules: {
        "note.txt": { type: "text/plain", contents: "a note" },
        "data.bin": { type: "application/octet-stream", contents: Uint8Array.from([1, 2]) },
        "empty.wasm": { type: "application/wasm", contents: wasm },
      },
    });
    await stack.dataPlane.publish(makeScript("modules", [[version, 100]]));
    expect(await (await stack.fetch("modules", "/")).json()).toEqual({
      TEXT: "a",
      SECRET: "b",
      json: { c: 1 },
      META: { id: version.id, tag: "3fded92", timestamp: version.createdOn },
      note: "a note",
      data: [1, 2],
      wasm: "[object WebAssembly.Module]",
    });
    await stack.dataPlane.remove("modules");
  });

  test("serves static assets around a Worker", async ({ expect }) => {
    const directory = path.join(stack.make.folder, "assets");
    mkdirSync(directory);
    writeFileSync(path.join(directory, "page.html"), "a page");
    const source = `export default { async fetch(request, env) {
      const answer = await env.ASSETS.fetch(request);
      return new Response(await answer.text(), { status: answer.status, headers: { "X-Worker": "first" } }); } };`;
    const assets = { directory, config: { html_handling: "none", run_worker_first: true } };
    const version = stack.make.version(source, { assets, bindings: [{ name: "ASSETS", type: "assets" }] });
    await stack.dataPlane.publish(makeScript("assets", [[version, 100]]));
    const [page, missing] = [await stack.fetch("assets", "/page.html"), await stack.fetch("assets", "/page")];
    expect([await page.text(), page.headers.get("x-worker"), missing.status]).toEqual(["a page", "first", 404]);
    await stack.dataPlane.remove("assets");
  });

  test("routes by host, by version URL and by port", async ({ expect }) => {
    const [live, next] = [stack.version(), stack.version()];
    const domains = { customDomains: ["api.example.com"] };
    expect(stack.dataPlane.originOf("routed")).toBeNull();
    await stack.dataPlane.publish(makeScript("routed", [[live, 100]], domains));
    await stack.dataPlane.tryStart(makeScript("routed", [[live, 100]], domains), next);
    const [liveName, nextName] = [live.id.slice(0, 8), next.id.slice(0, 8)];
    const suffix = `.${SUBDOMAIN}.workers.dev`;
    expect((await ask(`routed${suffix}`)).body).toBe(liveName);
    expect((await ask("API.example.com:8791")).body).toBe(liveName);
    expect((await ask(`${nextName}-routed${suffix}`)).body).toBe(nextName);
    // As a client sends it that takes the data plane for its HTTP proxy.
    expect((await ask(`routed${suffix}`, `http://routed${suffix}?a=b`)).body).toBe(liveName);
    expect(await read("routed")).toBe(liveName);

    const unknown = await ask("unknown.example.com");
    expect([unknown.status, unknown.headers["x-emulator-error"]]).toEqual([
      404,
      "There is no Worker at unknown.example.com",
    ]);
    await stack.dataPlane.publish(makeScript("empty", []));
    expect((await ask(`empty${suffix}`)).body).toBe("The Worker empty has no deployment\n");
    await stack.dataPlane.remove("routed");
    expect((await ask(`routed${suffix}`)).status).toBe(404);
  });

  test("gives a Worker what the edge knows, and a client the answer as it is", async ({ expect }) => {
    await stack.dataPlane.publish(makeScript("edge", [[stack.version(), 100]]));
    const claims = { "CF-Connecting-IP": "203.0.113.9", "X-Mine": "kept" };
    const seen = await (await stack.fetch("edge", "/request?a=%2f", { headers: claims })).json();
    expect(seen).toMatchObject({
      url: `${stack.dataPlane.originOf("edge")}/request?a=%2f`,
      headers: { "cf-connecting-ip": "127.0.0.1", "x-forwarded-proto": "http", "x-mine": "kept" },
    });
    const head = await ask(`edge.${SUBDOMAIN}.workers.dev`, "/cookies", "HEAD");
    expect([head.headers["set-cookie"], head.headers["x-length"], head.body]).toEqual([["a=1", "b=2"], "7", ""]);
    expect(head.headers["cf-ray"]).toMatch(/^[0-9a-f]{16}-EMU$/);
  });

  test("takes an upload that waits for permission, and refuses one that nobody reads", async ({ expect }) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const url = new URL("/", stack.dataPlane.originOf("edge") ?? "");
    const request = sendRequest(url, { method: "PUT", headers: { Expect: "100-continue" } });
    request.once("continue", () => request.end("body"));
    request.once("response", ({ statusCode }) => resolve(statusCode)).once("error", reject);
    request.flushHeaders();
    expect(await promise).toBe(200);
    // The refusal overtakes a large upload; and the next request must not get the connection of an unread one.
    const refuse = async (size: number): Promise<string> => {
      const refused = await stack.fetch("edge", "/refuse", { method: "POST", body: "x".repeat(size) });
      return `${refused.status} ${await refused.text()}`;
    };
    const sizes = [10, 1_000, 70_000, 300_000, 1_000_000, 2_000_000];
    for (let round = 0; round < 8; round++) {
      expect(new Set(await Promise.all(sizes.map(refuse)))).toEqual(new Set(["413 too large"]));
    }
  });

  test("applies overrides, keys and percentages on a script's own port", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    const [old, next] = [first.id.slice(0, 8), second.id.slice(0, 8)];
    await stack.dataPlane.publish(makeScript("split", [[first, 100]]));
    const override = { [OVERRIDES]: `split="${second.id}"` };
    expect(await read("split", override)).toBe(old);
    await stack.dataPlane.publish(
      makeScript("split", [
        [second, 0],
        [first, 100],
      ]),
    );
    expect([await read("split", override), await read("split")]).toEqual([next, old]);
    stack.dataPlane.setFaults({ ignoreOverrides: true });
    expect(await read("split", override)).toBe(old);
    stack.dataPlane.setFaults({ ignoreOverrides: false });

    await stack.dataPlane.publish(
      makeScript("split", [
        [second, 50],
        [first, 50],
      ]),
    );
    const keyed = async (key: string): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => read("split", { [KEY]: key })));
      return new Set(answers).size;
    };
    expect(await Promise.all(["a", "b", "c", "d"].map(keyed))).toEqual([1, 1, 1, 1]);
    const drawn = await Promise.all(Array.from({ length: 100 }, () => read("split")));
    expect(Math.abs(drawn.filter((version) => version === next).length - 50)).toBeLessThan(3);
    const counted = stack.dataPlane.stats("split").find(({ versionId }) => versionId === first.id);
    expect(counted).toMatchObject({ isRunning: true, inFlight: 0 });
    expect(counted?.requests).toBeGreaterThan(50);
  });

  test("lets a deployment and its overrides take effect together, after the delay", async ({ expect }) => {
    const third = stack.version();
    const before = await read("split", { [KEY]: "a" });
    stack.dataPlane.setFaults({ propagationMs: 400 });
    await stack.dataPlane.publish(makeScript("split", [[third, 100]]));
    stack.dataPlane.setFaults({ propagationMs: 0 });
    const override = { [OVERRIDES]: `split="${third.id}"`, [KEY]: "a" };
    expect(await read("split", override)).toBe(before);
    await expect.poll(() => read("split", { [KEY]: "a" }), POLL).toBe(third.id.slice(0, 8));
    expect(await read("split", override)).toBe(third.id.slice(0, 8));
  });

  test("counts rate limits for all versions together", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    const windowNow = (): number => Math.floor(Date.now() / 60_000);
    const callBoth = async (attempt = 1): Promise<unknown[]> => {
      const window = windowNow();
      // A key for each attempt: the one before may have used up the new minute's.
      const call = async (): Promise<unknown> => await (await stack.fetch("limited", `/limit?${attempt}`)).json();
      await stack.dataPlane.publish(makeScript("limited", [[first, 100]]));
      const before = await call();
      await stack.dataPlane.publish(makeScript("limited", [[second, 100]]));
      const answers = [before, await call(), await call()];
      // Not across the turn of a minute, when all counts begin anew.
      return window === windowNow() ? answers : await callBoth(attempt + 1);
    };
    expect(await callBoth()).toEqual([{ success: true }, { success: true }, { success: false }]);
  });

  test("passes service bindings and WebSockets on, routing the former by their headers", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    await stack.dataPlane.publish(
      makeScript("other", [
        [first, 100],
        [second, 0],
      ]),
    );
    const viaService = async (headers: Record<string, string>): Promise<string> =>
      await (await stack.fetch("limited", "/service", { headers })).text();
    expect(await viaService({})).toBe(first.id.slice(0, 8));
    expect(await viaService({ [OVERRIDES]: `other="${second.id}"` })).toBe(second.id.slice(0, 8));

    const socket = new WebSocket(`${(stack.dataPlane.originOf("other") ?? "").replace("http", "ws")}/socket`);
    const message = new Promise<unknown>((resolve) => socket.addEventListener("message", ({ data }) => resolve(data)));
    socket.addEventListener("open", () => socket.send("hello"));
    expect(await message).toBe(`${first.id.slice(0, 8)} hello`);
    expect(stack.dataPlane.stats("other")).toContainEqual(
      expect.objectContaining({ versionId: first.id, inFlight: 1 }),
    );
    socket.close();
    await expect.poll(() => stack.dataPlane.stats("other").map(({ inFlight }) => inFlight), POLL).toEqual([0, 0]);
  });

  test("tells what happens in a version to those who listen", async ({ expect }) => {
    const version = stack.version({ annotations: { "workers/tag": "3fded92" } });
    await stack.dataPlane.publish(makeScript("traced", [[version, 100]]));
    const events: TraceEvent[] = [];
    const stop = stack.dataPlane.onTrace("traced", (event) => void events.push(event));
    const visit = async (): Promise<number> => {
      await stack.fetch("traced", "/throw", { headers: { Authorization: "Bearer secret" } });
      return events.length;
    };
    await expect.poll(visit, POLL).toBeGreaterThan(0);
    stop();
    expect(events[0]).toMatchObject({
      outcome: "exception",
      scriptName: "traced",
      scriptVersion: { id: version.id, tag: "3fded92" },
      event: { request: { method: "GET", headers: { authorization: "REDACTED" } } },
      logs: [{ level: "log", message: ["about to throw", { status: 1 }] }],
      exceptions: [{ name: "RangeError", message: "planned" }],
    });
    await stack.dataPlane.remove("traced");
  });
});
