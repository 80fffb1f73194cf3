import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Three runtimes, three projects: pure logic in Node, the app in workerd over fakes, the whole Worker over PostgreSQL. */
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", environment: "node", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: "2026-08-15" } })],
        test: { name: "http", include: ["test/http/**/*.test.ts"] },
      },
      {
        test: {
          name: "integration",
          environment: "node",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
