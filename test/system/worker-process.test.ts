import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { startWorkerProcess, type WorkerProcess } from "../../tools/dev/worker-process.ts";
import { findFreePort } from "../../tools/net/listen.ts";

/** Two builds by wrangler beside other work take longer than one may think. */
const TIMEOUT_MS = 90_000;

let root = "";
let origin = "";
let worker: WorkerProcess;
const lines: string[] = [];

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

/** A Worker that answers this text and its secret. */
const answering = (text: string): string =>
  `export default { fetch: (_: Request, env: { SECRET: string }) => new Response("${text} " + env.SECRET) };\n`;

async function read(): Promise<string> {
  try {
    return await (await fetch(origin)).text();
  } catch {
    return "no answer";
  }
}

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "worker-process-"));
  write("src/index.ts", answering("one"));
  write("docs/openapi.json", "{}");
  write("public/page.html", "page");
  write(
    "wrangler.toml",
    `name = "sample"\nmain = "src/index.ts"\ncompatibility_date = "2026-08-15"\nminify = true
upload_source_maps = true\n[assets]\ndirectory = "public"\nrun_worker_first = true\n`,
  );
  const port = await findFreePort();
  origin = `http://127.0.0.1:${port}/`;
  worker = startWorkerProcess({
    root,
    port,
    workDir: path.join(root, "builds"),
    onLine: (line) => lines.push(line),
  });
  const stateDir = path.join(root, "state");
  worker.serve({ vars: { SECRET: "sesame" }, stateDir, telemetry: null, events: null });
});

afterAll(async () => {
  await worker.stop();
  rmSync(root, { recursive: true, force: true });
});

describe("The Worker of npm start", { timeout: 4 * TIMEOUT_MS }, () => {
  test("follows its sources, and keeps the last version that works", async ({ expect }) => {
    const poll = { timeout: TIMEOUT_MS, interval: 100 };
    await expect.poll(read, poll).toBe("one sesame");

    write("src/index.ts", answering("two"));
    await expect.poll(read, poll).toBe("two sesame");
    await expect.poll(() => lines.join("\n"), poll).toMatch(/^Rebuilt in \d+ ms$/m);

    write("src/index.ts", "export default {;\n");
    await expect.poll(() => lines.join("\n"), poll).toMatch(/src\/index\.ts:1:16[^]*keeps serving/);
    expect(await read()).toBe("two sesame");

    lines.length = 0;
    write("src/index.ts", `${answering("never")}throw new Error("at start-up");\n`);
    await expect.poll(() => lines.join("\n"), poll).toMatch(/at start-up[^]*src\/index\.ts:2:7[^]*keeps serving/);
    await expect.poll(read, poll).toBe("two sesame");

    write("src/deep/text.ts", `export const text = "three";\n`);
    write("src/index.ts", `import { text } from "./deep/text.ts";\n${answering('" + text + "')}`);
    await expect.poll(read, poll).toBe("three sesame");
    write("src/deep/text.ts", `export const text = "four";\n`);
    await expect.poll(read, poll).toBe("four sesame");
    await expect.poll(() => readdirSync(path.join(root, "builds")).length, poll).toBe(1);

    await worker.stop();
    expect(await read()).toBe("no answer");
    expect(readdirSync(root)).not.toContain("builds");
  });
});
