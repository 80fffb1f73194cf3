import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import {
  createWranglerProject,
  runSuccessfully,
  type WranglerProject,
  type WranglerRun,
} from "../support/wrangler-cli.ts";

/** Several runs of wrangler, each of which takes seconds, and many beside other work. */
const TIMEOUT_MS = 240_000;

/** Does with its namespace what the query says. */
const SOURCE = `
export default {
  async fetch(request, { KV }) {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    switch (query.do) {
      case "get": return Response.json(await KV.get(query.key, { type: "text", cacheTtl: 60 }));
      case "json": return Response.json(await KV.getWithMetadata(query.key, "json"));
      case "put": await KV.put(query.key, query.value, { metadata: { from: "{{name}}" }, expirationTtl: 60 }); break;
      case "delete": await KV.delete(query.key); break;
      case "list": return Response.json(await KV.list({ prefix: query.prefix, limit: 1, cursor: query.cursor }));
    }
    return Response.json("{{name}}");
  },
};
`;

const CONFIG = `
name = "keeper"
main = "index.js"
compatibility_date = "2026-08-15"
workers_dev = true
preview_urls = false
[[kv_namespaces]]
binding = "KV"
`;

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir });
  project = createWranglerProject(emulator);
  project.write("wrangler.toml", CONFIG);
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

const wrangler = (...args: readonly string[]): Promise<WranglerRun> => runSuccessfully(project, args);

const writeWorker = (name: string): void => project.write("index.js", SOURCE.replaceAll("{{name}}", name));

async function ask(query: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const url = new URL(`/?${new URLSearchParams(query).toString()}`, emulator.originOf("keeper") ?? "");
  return await (await fetch(url)).json();
}

const countCreations = (): number =>
  emulator.calls().filter(({ method, path: target }) => method === "POST" && target.endsWith("/kv/namespaces")).length;

describe("wrangler and a namespace that the configuration does not name", { timeout: TIMEOUT_MS }, () => {
  test("makes it with the first deployment, and versions that follow inherit it", async ({ expect }) => {
    writeWorker("one");
    await wrangler("deploy");
    expect(countCreations()).toBe(1);
    await ask({ do: "put", key: "kept", value: "by one" });
    writeWorker("two");
    const { records } = await wrangler("versions", "upload");
    const id = z.string().parse(records.find((record) => "version_id" in record)?.["version_id"]);
    await wrangler("versions", "deploy", `${id}@100%`, "-y");
    expect(await ask()).toBe("two");
    expect(await ask({ do: "get", key: "kept" })).toBe("by one");
    expect(countCreations()).toBe(1);
    expect((await wrangler("kv", "namespace", "list")).stdout).toContain('"title": "keeper-kv"');
  });

  test("reads, writes, lists and deletes its keys by the name of the binding", async ({ expect }) => {
    const place = ["--binding", "KV", "--remote"] as const;
    await wrangler("kv", "key", "put", "a/b c", '{"on":true}', ...place);
    expect((await wrangler("kv", "key", "get", "a/b c", ...place)).stdout.trim()).toBe('{"on":true}');
    expect(await ask({ do: "json", key: "a/b c" })).toMatchObject({ value: { on: true }, metadata: null });
    expect(JSON.parse((await wrangler("kv", "key", "list", ...place)).stdout)).toContainEqual({ name: "a/b c" });
    await wrangler("kv", "key", "delete", "a/b c", ...place);
    expect(await ask({ do: "get", key: "a/b c" })).toBeNull();
    const missing = await project.run(["kv", "key", "get", "a/b c", ...place]);
    expect(missing.code).toBe(1);
    expect(`${missing.stdout}${missing.stderr}`).toContain("404");
  });
});

describe("a Worker", () => {
  test("keeps values with metadata and an end, and lists them page by page", async ({ expect }) => {
    for (const key of ["list/1", "list/2"]) await ask({ do: "put", key, value: `"${key}"` });
    expect(await ask({ do: "json", key: "list/1" })).toMatchObject({ value: "list/1", metadata: { from: "two" } });
    const pageSchema = z.looseObject({
      keys: z.array(z.looseObject({ name: z.string() })),
      cursor: z.string().optional(),
    });
    const first = pageSchema.parse(await ask({ do: "list", prefix: "list/" }));
    expect(first).toMatchObject({ list_complete: false, keys: [{ name: "list/1", metadata: { from: "two" } }] });
    const second = await ask({ do: "list", prefix: "list/", cursor: first.cursor ?? "" });
    expect(second).toMatchObject({ list_complete: true, keys: [{ name: "list/2", expiration: expect.any(Number) }] });
    await ask({ do: "delete", key: "list/1" });
    expect(await ask({ do: "get", key: "list/1" })).toBeNull();
  });
});
