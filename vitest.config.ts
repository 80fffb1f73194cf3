import { availableParallelism } from "node:os";

import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Tests of programs: they start, wait for one another, and on a busy machine take their time. */
const OF_PROGRAMS = {
  environment: "node" as const,
  globalSetup: "test/support/shared-postgres.ts",
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Node calls the removal of types from a source experimental, which the local edge needs (tools/dev/worker/edge.ts).
  execArgv: ["--disable-warning=ExperimentalWarning"],
};

/**
 * The service in three runtimes: pure logic in Node, the app in workerd over fakes, the whole Worker over PostgreSQL. And
 * what surrounds it with its real parts: wrangler, the emulator, releases, the local stack, a browser, the bench.
 */
export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["test/unit/**/*.test.ts"],
          // A command that takes half a second takes ten beside other work; a test that hangs is told a minute later, no worse.
          testTimeout: 60_000,
          // Each file loads much of the project; a fresh module registry for each would take longer than the tests.
          isolate: false,
        },
      },
      {
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: "2026-08-15" } })],
        // As above: loading the app anew for each file took four times as long as the tests.
        test: { name: "http", isolate: false, include: ["test/http/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        test: {
          ...OF_PROGRAMS,
          name: "integration",
          isolate: false,
          include: ["test/integration/**/*.test.ts"],
          // These wait so often that a third file at once pays even on two cores; another number of workers needs a turn of its own.
          maxWorkers: Math.max(3, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...OF_PROGRAMS, name: "system", include: ["test/system/**/*.test.ts"] } },
      {
        test: {
          ...OF_PROGRAMS,
          name: "backup",
          include: ["test/backup/**/*.test.ts"],
          globalSetup: "test/support/debian-postgres.ts",
          // A test runs whole commands, and some a dozen times wrangler, of seconds each on a busy machine.
          testTimeout: 240_000,
        },
      },
    ],
  },
});
