import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, test } from "vitest";

import {
  addHeader,
  breakSchema,
  expandSchema,
  failRarely,
  failSome,
  failWrites,
  nextRelease,
} from "../../../../../tools/rehearsal/scenarios/overlays.ts";
import { SCENARIOS } from "../../../../../tools/rehearsal/scenarios/scenarios.ts";

const ROOT = path.resolve(import.meta.dirname, "../../../../..");

/** The project's real files, with changes that stay in memory. */
function openCopy(changes: Record<string, string> = {}) {
  const files = new Map(Object.entries(changes));
  return {
    files,
    copy: {
      read: (file: string) => files.get(file) ?? readFileSync(path.join(ROOT, file), "utf8"),
      write: (file: string, text: string) => void files.set(file, text),
    },
  };
}

describe("what is built into the copy of the project", () => {
  test.for(SCENARIOS.flatMap(({ name, overlay }) => (overlay === null ? [] : [{ name, overlay }])))(
    "$name changes something",
    ({ overlay }, { expect }) => {
      const { files, copy } = openCopy();
      overlay(copy);
      expect(files.size).toBeGreaterThan(0);
    },
  );

  test("stands before the real entry, which stays as it is", ({ expect }) => {
    const { files, copy } = openCopy();
    const entry = copy.read("src/index.ts");
    addHeader(copy);
    expect(files.get("src/real-index.ts")).toBe(entry);
    expect(files.get("src/index.ts")).toContain('from "./real-index.ts"');
  });

  test("can be released again and again, and a bad one on top", ({ expect }) => {
    const { files, copy } = openCopy();
    const entry = copy.read("src/index.ts");
    nextRelease(1)(copy);
    nextRelease(2)(copy);
    expect(files.get("src/real-index.ts")).toBe(entry);
    expect(files.get("src/index.ts")).toContain('"X-Rehearsal", "release 2"');
    failSome(copy);
    expect(files.get("src/real-index.ts")).toBe(entry);
    expect(files.get("src/wrapped-index.ts")).toContain('"X-Rehearsal", "release 2"');
    expect(files.get("src/index.ts")).toContain('from "./wrapped-index.ts"');
  });

  test("fails within the Worker, so that its own metrics count it", ({ expect }) => {
    const { files, copy } = openCopy();
    failWrites(copy);
    expect(files.get("src/app.ts")).toContain("requestLifecycle(options, failing(operations.fetch");
    expect(() => failRarely(openCopy({ "src/app.ts": "" }).copy)).toThrow("src/app.ts has no");
  });

  test("is refused when the entry is not what it was", ({ expect }) => {
    expect(() => addHeader(openCopy({ "src/index.ts": "export const a = 1;" }).copy)).toThrow("no default export");
    expect(() => addHeader(openCopy({ "wrangler.toml": 'main = "src/main.ts"' }).copy)).toThrow("is not the entry");
  });

  test("numbers a migration after the last one", ({ expect }) => {
    const { files, copy } = openCopy();
    expandSchema(copy);
    breakSchema(copy);
    const journal: { entries: { idx: number; tag: string }[] } = JSON.parse(copy.read("migrations/meta/_journal.json"));
    const [first, second] = journal.entries.slice(-2);
    expect(first?.tag).toMatch(/^\d{4}_add_nickname$/);
    expect(second?.tag).toMatch(/^\d{4}_rename_full_name$/);
    expect([first?.idx, second?.idx]).toEqual([journal.entries.length - 2, journal.entries.length - 1]);
    expect(files.has(`migrations/${second?.tag}.sql`)).toBe(true);
  });
});
