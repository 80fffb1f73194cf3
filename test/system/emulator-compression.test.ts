import { afterAll, beforeAll, describe, test } from "vitest";

import { createUsersClient } from "../../client/src/index.ts";
import { type EmulatedApi, startEmulatedApi } from "../support/emulated-api.ts";
import { type DataPlaneStack, startDataPlaneStack } from "../support/emulator-data-plane.ts";
import { askRaw, type RawAnswer } from "../support/raw-answer.ts";
import { makeScript } from "../support/versions.ts";

const API_KEY = "key-of-the-compression-test-0123456789";
const TEXT = JSON.stringify({ text: "x".repeat(500) });

/** Answers with the headers that the query names: what it was sent, or else a text. */
const WORKER = `export default {
  fetch({ url, body }) {
    const headers = { "Content-Type": "application/json", ...Object.fromEntries(new URL(url).searchParams) };
    return new Response(body ?? ${JSON.stringify(TEXT)}, { headers });
  },
};`;

describe("The emulator's edge", () => {
  let stack: DataPlaneStack;

  beforeAll(async () => {
    stack = await startDataPlaneStack();
    await stack.dataPlane.publish(makeScript("answers", [[stack.make.version(WORKER), 100]]));
  });

  afterAll(async () => {
    await stack?.stop();
  });

  function ask(headers: Record<string, string>, acceptEncoding: string | null, method = "GET"): Promise<RawAnswer> {
    const url = new URL(`/?${new URLSearchParams(headers).toString()}`, stack.dataPlane.originOf("answers") ?? "");
    return askRaw(url, acceptEncoding === null ? {} : { "Accept-Encoding": acceptEncoding }, method);
  }

  test.for(["gzip", "br", "zstd"])("compresses by %s, and weakens the tag", async (coding, { expect }) => {
    const { status, headers, text } = await ask({ ETag: '"1"' }, coding);
    expect([status, text]).toEqual([200, TEXT]);
    expect(headers).toMatchObject({ "content-encoding": coding, etag: 'W/"1"' });
    expect(headers).not.toHaveProperty("content-length");
  });

  test("leaves what may not be transformed, and its tag", async ({ expect }) => {
    const { headers, text } = await ask({ ETag: '"1"', "Cache-Control": "private, no-transform" }, "gzip, br, zstd");
    expect(text).toBe(TEXT);
    expect(headers).toMatchObject({ etag: '"1"', "content-length": String(TEXT.length) });
    expect(headers).not.toHaveProperty("content-encoding");
  });

  test("compresses for those alone who accept it", async ({ expect }) => {
    for (const acceptEncoding of [null, "identity", "gzip;q=0"]) {
      const { headers, text } = await ask({ ETag: '"1"' }, acceptEncoding);
      expect(text).toBe(TEXT);
      expect(headers).toMatchObject({ etag: '"1"', "content-length": String(TEXT.length) });
      expect(headers).not.toHaveProperty("content-encoding");
    }
  });

  test("answers HEAD with the headers of GET", async ({ expect }) => {
    const { headers, text } = await ask({ ETag: '"1"' }, "gzip", "HEAD");
    expect(text).toBe("");
    expect(headers).toMatchObject({ "content-encoding": "gzip", etag: 'W/"1"' });
  });

  test("passes on at once what a Worker has sent so far", async ({ expect }) => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
    const writer = writable.getWriter();
    const write = (text: string) => writer.write(new TextEncoder().encode(text));
    const written = write("first");
    const url = stack.dataPlane.originOf("answers") ?? "";
    const response = await fetch(url, { method: "POST", body: readable, duplex: "half" });
    expect(response.headers.get("Content-Encoding")).toBe("gzip");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toEqual({ done: false, value: "first" });
    await Promise.all([written, write("second")]);
    expect(await reader?.read()).toEqual({ done: false, value: "second" });
    await writer.close();
    expect(await reader?.read()).toMatchObject({ done: true });
  });
});

describe("The API behind an edge that compresses", () => {
  let api: EmulatedApi;
  const client = () => createUsersClient({ baseUrl: api.origin, apiKey: API_KEY });

  beforeAll(async () => {
    api = await startEmulatedApi(API_KEY);
  });

  afterAll(async () => {
    await api?.stop();
  });

  const create = (username: string) =>
    client().createUser({ username, email: `${username}@example.com`, full_name: "Ada Lovelace" });

  test("lets a client read with fetch, change with If-Match and read again", async ({ expect }) => {
    const { user } = await create("reader");
    const url = `${api.origin}/api/v1/users/id/${user.id}`;
    const headers = { "X-API-Key": API_KEY };
    const list = await fetch(`${api.origin}/api/v1/users`, { headers });
    expect(list.headers.get("Content-Encoding")).toBe("gzip");
    expect(list.headers.get("Vary")).toContain("Accept-Encoding");
    expect(await list.json()).toMatchObject({ data: [{ id: user.id }] });

    const before = await fetch(url, { headers });
    const tag = before.headers.get("ETag") ?? "";
    expect([before.status, tag]).toEqual([200, `"${user.id}.1"`]);
    const change = await fetch(url, {
      method: "PATCH",
      headers: { ...headers, "Content-Type": "application/merge-patch+json", "If-Match": tag },
      body: JSON.stringify({ full_name: "Ada King" }),
    });
    expect([change.status, change.headers.get("ETag")]).toEqual([200, `"${user.id}.2"`]);
    const after = await fetch(url, { headers });
    expect([after.status, after.headers.get("ETag")]).toEqual([200, `"${user.id}.2"`]);
    expect(await after.json()).toMatchObject({ full_name: "Ada King" });
  });

  test("lets our own client modify a user", async ({ expect }) => {
    const { user } = await create("modified");
    const { user: changed } = await client().modifyUser(user.id, () => ({ full_name: "Ada King" }), { attempts: 1 });
    expect(changed.full_name).toBe("Ada King");
  });

  test.for(["/openapi.json", "/docs", "/docs/init.js"])("sends %s as it is, with its tag", async (path, { expect }) => {
    const { status, headers } = await askRaw(new URL(path, api.origin), { "Accept-Encoding": "gzip, br, zstd" });
    expect(status).toBe(200);
    expect(headers.etag).toMatch(/^"[^"]+"$/);
    expect(headers).not.toHaveProperty("content-encoding");
  });
});
