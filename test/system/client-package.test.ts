import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, test } from "vitest";

import { buildClient, checkClientTypes } from "../../tools/client/build.ts";
import { seed } from "../../tools/db/seed.ts";
import { startStack, type Stack } from "../support/stack.ts";

const DIST = path.resolve("client/dist");

let stack: Stack;

beforeAll(async () => {
  await buildClient();
  stack = await startStack();
  await seed({ postgresUrl: stack.databaseUrl, log: () => {} });
});

afterAll(async () => {
  await stack.stop();
});

/** Runs a program on its standard input as a module of this repository; gives what it printed. */
async function runModule(source: string): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(source);
  return await text(child.stdout);
}

/** The built package as a Worker's modules, beside one that uses it; nothing of Node is there. */
function workerModules(entry: string) {
  const file = (name: string, contents: string) => ({
    type: "ESModule" as const,
    path: path.join(DIST, name),
    contents,
  });
  const built = globSync("*.js", { cwd: DIST }).map((name) => file(name, readFileSync(path.join(DIST, name), "utf8")));
  const dependency = readFileSync(path.resolve("node_modules/openapi-fetch/dist/index.mjs"), "utf8");
  return [file("worker.js", entry), ...built, file("openapi-fetch", dependency)];
}

describe("The built client", () => {
  test("holds to its types when it is used", async ({ expect }) => {
    await expect(checkClientTypes()).resolves.toBeUndefined();
  });

  test("imports nothing but itself and openapi-fetch", ({ expect }) => {
    const imported = globSync("*.js", { cwd: DIST }).flatMap((name) =>
      [...readFileSync(path.join(DIST, name), "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
        ([, from]) => from,
      ),
    );
    expect(imported).toContain("./retry.js");
    expect(new Set(imported.filter((from) => !from?.startsWith("./")))).toEqual(new Set(["openapi-fetch"]));
  });

  test("runs the example of its README as written", async ({ expect }) => {
    const readme = readFileSync("client/README.md", "utf8");
    const example = /```js\n(import [^]*?)```/.exec(readme)?.[1] ?? "";
    expect(example).toContain('"http://127.0.0.1:8787"');
    const output = await runModule(example.replace("http://127.0.0.1:8787", stack.url.origin));
    expect(output.replaceAll(/(state |request ).+?(?=\)?$)/gm, "$1…").split("\n")).toEqual([
      "created hlamarr, state …",
      "refused: Another user has this username. (request …)",
      "renamed to Hedy Lamarr",
      "- asmith: Alice Smith",
      "- bjones: Bob Jones",
      "- hlamarr: Hedy Lamarr",
      "- jdoe: John Doe",
      "deleted",
      "",
    ]);
    expect((await stack.request("/api/v1/users/username/hlamarr")).status).toBe(404);
  });

  test("works in a Worker, without Node's modules", async ({ expect }) => {
    const entry = `
      import { createUsersClient } from "./index.js";
      export default {
        async fetch(request, env) {
          const users = createUsersClient({ baseUrl: env.USERS_URL });
          const input = { username: "worker", email: "worker@example.com", full_name: "From Workerd" };
          const { user } = await users.createUser(input);
          await users.modifyUser(user.id, () => ({ full_name: "Changed" }));
          for await (const { full_name } of users.users({ username: "worker" })) return new Response(full_name);
        },
      };`;
    const worker = { name: "consumer", compatibilityDate: "2026-08-15", bindings: { USERS_URL: stack.url.href } };
    const modules = workerModules(entry);
    const miniflare = new Miniflare(
      convertV4MiniflareOptions({ cf: false, workers: [{ ...worker, modulesRoot: DIST, modules }] }),
    );
    try {
      const response = await miniflare.dispatchFetch("http://consumer.test/");
      expect(await response.text()).toBe("Changed");
    } finally {
      await miniflare.dispose();
    }
  });
});
