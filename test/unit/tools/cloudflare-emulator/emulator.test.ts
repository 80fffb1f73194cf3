import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { test } from "vitest";

import { startEmulator } from "../../../../tools/cloudflare-emulator/emulator.ts";

test("A state folder that cannot be used is named, with what to do", async ({ expect, onTestFinished }) => {
  const folder = mkdtempSync(path.join(tmpdir(), "emulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stateDir = path.join(folder, "a-file");
  writeFileSync(stateDir, "");
  await expect(startEmulator({ stateDir })).rejects.toMatchObject({
    name: "EmulatorError",
    message: expect.stringMatching(/a-file cannot be used \(.*EEXIST.*\).*--state-dir DIR/),
  });
});
