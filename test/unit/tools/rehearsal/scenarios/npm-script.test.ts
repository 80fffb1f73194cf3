import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, test } from "vitest";

import { fileOfScript } from "../../../../../tools/rehearsal/scenarios/npm-script.ts";

const ROOT = path.resolve(import.meta.dirname, "../../../../..");

describe("the file behind an npm script", () => {
  test.for(["release", "rollback"])("is there for %s, which a rehearsal runs", (name, { expect }) => {
    const file = fileOfScript(readFileSync(path.join(ROOT, "package.json"), "utf8"), name);
    expect(existsSync(path.join(ROOT, file))).toBe(true);
  });

  test("has to be named by the script", ({ expect }) => {
    const manifest = JSON.stringify({ scripts: { lint: "node tools/run.mjs --bin oxlint" } });
    for (const name of ["lint", "release"]) expect(() => fileOfScript(manifest, name)).toThrow(`no script ${name}`);
  });
});
