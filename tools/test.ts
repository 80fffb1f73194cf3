import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { binPath, ROOT } from "./process/run-script.ts";

const HELP = `Usage: npm test [-- VITEST ARGUMENTS]
       npm run test:system [-- VITEST ARGUMENTS]
       npm run test:backup [-- VITEST ARGUMENTS]

npm test runs the tests of the service: unit (Node), http (Workers runtime) and integration (Workers runtime, gateway,
PostgreSQL). npm run test:system runs those of what surrounds it: wrangler, the emulator, releases, npm start, a browser.
npm run test:backup runs those of backups, which need the system's own PostgreSQL programs (npm run db:programs).
The arguments go to vitest:

  npm test -- --project unit          one project
  npm test -- test/unit/tools         files whose path contains the text, of any project
  npm test -- -t "name"               tests whose name matches

The last line counts the tests; a file that cannot be loaded counts as one failed test.`;

/** The projects of `npm test`, the quickest first. */
const OF_THE_SERVICE = ["unit", "http", "integration"] as const;

/** What vitest is asked for: the service, unless projects or files are named. */
export function withProjects(args: readonly string[]): readonly string[] {
  const isNamed = args.some((arg) => arg.startsWith("--project") || /^(?:\.\/)?test\//.test(arg));
  return isNamed ? args : [...OF_THE_SERVICE.flatMap((name) => ["--project", name]), ...args];
}

/** The part of vitest's JSON report that is counted. */
const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts so that nothing that went wrong disappears: whatever failed without a failed test is one failure. */
export function summarize(report: z.infer<typeof vitestReport> | undefined, exitCode: number): Summary {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles.length;
  const hasHiddenFailure = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: hasHiddenFailure ? 1 : failed, skipped: report.numPendingTests + report.numTodoTests };
}

function readReport(path: string): z.infer<typeof vitestReport> | undefined {
  try {
    return vitestReport.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Miniflare hands each runtime the certificates of this file, which takes longer than all else of its start; no test needs them. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...environment } = process.env;

/** Runs vitest on our terminal. Signals are passed on, so that it stops the servers that its setup started. */
function runVitest(args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [binPath("vitest"), "run", ...args], {
      cwd: ROOT,
      env: environment,
      stdio: "inherit",
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
}

async function main(args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "test-report-"));
  try {
    const report = join(folder, "report.json");
    const exitCode = await runVitest([
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...withProjects(args),
    ]);
    const { passed, failed, skipped } = summarize(readReport(report), exitCode);
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    process.exitCode = failed > 0 ? exitCode || 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  if (args.includes("--help")) console.log(HELP);
  else await main(args);
}
