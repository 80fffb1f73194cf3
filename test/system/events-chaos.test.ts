import path from "node:path";

import { test } from "vitest";

import { ROOT, runScript } from "../../tools/process/run-script.ts";

/** The Worker is built, and a server made; the rest takes half a minute on an idle machine. */
const TIMEOUT_MS = 540_000;

test(
  "every receiver gets every event in order, whatever fails: a short run of npm run test:events",
  { timeout: TIMEOUT_MS },
  async ({ expect }) => {
    const command = path.join(ROOT, "tools/events-chaos/main.ts");
    const args = ["--changes", "400", "--incidents", "36", "--seconds", "400", "--seed", "3"];
    const { exitCode, output } = await runScript(command, args);
    expect(output).toMatch(/15 passed, 0 failed\n$/);
    expect(exitCode).toBe(0);
  },
);
