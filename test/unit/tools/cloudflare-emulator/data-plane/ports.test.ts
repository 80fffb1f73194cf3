import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { createPortMemory } from "../../../../../tools/cloudflare-emulator/data-plane/edge/ports.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ports-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("The memory of ports", () => {
  test("outlives the process", ({ expect }) => {
    const stateDir = path.join(folder, "new");
    createPortMemory(stateDir).write("api", 4_711);
    createPortMemory(stateDir).write("other", 4_712);
    const memory = createPortMemory(stateDir);
    expect([memory.read("api"), memory.read("other")]).toEqual([4_711, 4_712]);
    expect(readdirSync(stateDir)).toEqual(["ports.json"]);
  });

  test("suggests a port that follows from the name", ({ expect }) => {
    const [first, second] = [createPortMemory(folder).read("api"), createPortMemory(folder).read("api")];
    expect(first).toBe(second);
    expect(first).toBeGreaterThanOrEqual(20_000);
    expect(first).toBeLessThan(30_000);
    expect(createPortMemory(folder).read("other")).not.toBe(first);
    expect(existsSync(path.join(folder, "ports.json"))).toBe(false);
  });

  test("begins anew when it is damaged", ({ expect }) => {
    const suggested = createPortMemory(folder).read("api");
    writeFileSync(path.join(folder, "ports.json"), '{"api": 47');
    expect(createPortMemory(folder).read("api")).toBe(suggested);
  });
});
