import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, test } from "vitest";

import { CONFIG_VARIABLES } from "../../src/config.ts";
import { seed } from "../../tools/db/seed.ts";
import { startStack, type Stack } from "../support/stack.ts";

const README = readFileSync("README.md", "utf8");

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  await seed({ postgresUrl: stack.databaseUrl, log: () => {} });
});

afterAll(async () => {
  await stack.stop();
});

/** A folder for PATH whose `curl` is a stand-in, for machines that have none. */
function folderWithCurl(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "curl-"));
  const script = path.resolve("test/support/curl.mjs");
  writeFileSync(path.join(folder, "curl"), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`, { mode: 0o755 });
  return folder;
}

/** Runs the tour in a shell as a reader would, against this stack; gives what it printed. */
async function takeTour({ standInFirst = false } = {}): Promise<string> {
  const folder = folderWithCurl();
  const ownPath = process.env["PATH"] ?? "";
  const searchPath = standInFirst ? [folder, ownPath] : [ownPath, folder];
  const tour = /```sh\n(API=http:\/\/127\.0\.0\.1:8787\n[^]*?)```/.exec(README)?.[1] ?? "";
  const script = tour.replace("http://127.0.0.1:8787", stack.url.origin);
  try {
    const env = { ...process.env, PATH: searchPath.join(path.delimiter) };
    const { stdout } = await promisify(execFile)("sh", ["-e", "-c", script], { env });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("The README", () => {
  test.for([false, true])(
    "has a curl tour that works line by line (stand-in for curl: %s)",
    async (standInFirst, { expect }) => {
      const output = await takeTour({ standInFirst });
      expect(output).toContain('"username":"bjones"');
      expect(output).toContain("HTTP/1.1 201 Created");
      expect(output).toContain('"full_name":"Rear Admiral Grace Hopper"');
      expect(output).toContain('"type":"/problems/validation-failed"');
      expect(output).toContain("<h1>Validation failed</h1>");
      expect(output.match(/HTTP\/1\.1 204 No Content/g)).toHaveLength(2);
      expect(output).toContain('"status":"ready"');
      expect(output).toContain('"status":"started"');
      expect((await stack.request("/api/v1/users/username/ghopper")).status).toBe(404);
    },
  );

  test.for([...CONFIG_VARIABLES])("explains %s, and so does .dev.vars.example", (variable, { expect }) => {
    expect(README).toMatch(new RegExp(`^\\| .*\`${variable}\`.* \\|`, "m"));
    expect(readFileSync(".dev.vars.example", "utf8")).toMatch(new RegExp(`^# ${variable}=`, "m"));
  });

  test("names every script", ({ expect }) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
    const missing = Object.keys(scripts).filter(
      (name) => !README.includes(`npm run ${name}`) && !README.includes(`npm ${name}`),
    );
    expect(missing).toEqual(["assets:build"]);
  });
});
