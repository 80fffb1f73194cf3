import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { ROOT } from "../../tools/process/run-script.ts";
import { QUESTIONS } from "../../tools/supply-chain/audit.ts";

const exitCodeOf = async (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> => {
  const child = spawn(command, [...args], { cwd: ROOT, env: { ...process.env, ...env }, stdio: "ignore" });
  const [exitCode] = await once(child, "exit");
  return typeof exitCode === "number" ? exitCode : null;
};

interface Advisory {
  readonly name: string;
  readonly severity: "low" | "moderate" | "high" | "critical";
}

/** Asks the real npm what a registry with this advisory, on loopback, would make it answer. */
async function auditWith(question: readonly string[], advisory: Advisory | null): Promise<number | null> {
  const known =
    advisory === null
      ? {}
      : {
          [advisory.name]: [
            {
              ...advisory,
              id: 1,
              title: "planted",
              url: "https://advisory.example/1",
              vulnerable_versions: "*",
              cwe: [],
              cvss: { score: 1, vectorString: null },
            },
          ],
        };
  const registry = createServer((request, response) => {
    const isAsked = request.method === "POST" && request.url === "/-/npm/v1/security/advisories/bulk";
    response
      .writeHead(isAsked ? 200 : 404, { "Content-Type": "application/json" })
      .end(JSON.stringify(isAsked ? known : {}));
  });
  registry.listen(0, "127.0.0.1");
  await once(registry, "listening");
  const address = registry.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cache = mkdtempSync(join(tmpdir(), "npm-cache-"));
  try {
    return await exitCodeOf("npm", question, {
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: cache,
    });
  } finally {
    registry.closeAllConnections();
    registry.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

describe("npm run audit", () => {
  const [shipped, tools] = QUESTIONS;

  test.for<[string, readonly string[], Advisory | null, number]>([
    ["passes without advisories", shipped, null, 0],
    ["fails for any in what the Worker runs", shipped, { name: "hono", severity: "low" }, 1],
    ["passes for a moderate one in a tool", tools, { name: "vitest", severity: "moderate" }, 0],
    ["fails for a high one in a tool", tools, { name: "vitest", severity: "high" }, 1],
  ])("%s", async ([, question, advisory, exitCode], { expect }) => {
    expect(await auditWith(question, advisory)).toBe(exitCode);
  });

  test.for([0, 1, 2])(
    "fails when npm fails at its question %i, for no answer is not a good one",
    async (failing, { expect, onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), "npm-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const npm = join(folder, "npm.cjs");
      const refused = JSON.stringify(QUESTIONS[failing]);
      writeFileSync(npm, `process.exit(JSON.stringify(process.argv.slice(2)) === process.env.REFUSED ? 1 : 0);\n`);
      const audit = (REFUSED: string) =>
        exitCodeOf(process.execPath, [join(ROOT, "tools/supply-chain/audit.ts")], { npm_execpath: npm, REFUSED });
      expect(await audit(refused)).toBe(1);
      expect(await audit("none")).toBe(0);
    },
  );
});
