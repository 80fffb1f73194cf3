import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { type BillOfMaterials, keepShipped, packageFolders } from "../../../tools/supply-chain/bill-of-materials.ts";
import { checksumFolder, differences, formatChecksums, parseChecksums } from "../../../tools/supply-chain/checksums.ts";

const NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("sums of the bundle", () => {
  test("name every file with its hash, in the format of sha256sum", ({ expect, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "checksums-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "worker"));
    writeFileSync(join(folder, "worker/index.js"), "");
    writeFileSync(join(folder, "a file"), "");
    const checksums = checksumFolder(folder);
    expect(formatChecksums(checksums)).toBe(`${NOTHING}  a file\n${NOTHING}  worker/index.js\n`);
    expect(parseChecksums(formatChecksums(checksums))).toEqual(checksums);
  });

  test("what is no list of sums proves nothing", ({ expect }) => {
    expect(() => parseChecksums("")).toThrow("no SHA-256 sums");
    expect(() => parseChecksums(`${NOTHING} worker/index.js`)).toThrow("not a line");
  });

  test("a changed, a missing and a new file are told apart", ({ expect }) => {
    const before = new Map([
      ["same", "0"],
      ["changed", "1"],
      ["gone", "2"],
    ]);
    const after = new Map([
      ["same", "0"],
      ["changed", "9"],
      ["added", "3"],
    ]);
    expect(differences(before, before)).toEqual([]);
    expect(differences(before, after)).toEqual(["added is new", "changed differs: 9, not 1", "gone is missing"]);
  });
});

describe("packages of the bundle", () => {
  test("come from the paths of their files, also when they are nested or scoped", ({ expect }) => {
    const files = [
      "src/index.ts",
      "node_modules/hono/dist/hono.js",
      "node_modules/hono/dist/context.js",
      "node_modules/@hono/zod-openapi/dist/index.js",
      "node_modules/a/node_modules/@b/c/index.js",
      "/home/me/users-api/node_modules/some-fonts/some-fonts.css",
      "C:\\users-api\\node_modules\\jose\\index.js",
      "docs/node_modules.md",
    ];
    expect(packageFolders(files)).toEqual(["@hono/zod-openapi", "a/node_modules/@b/c", "hono", "jose", "some-fonts"]);
  });
});

describe("the bill of materials", () => {
  const part = (name: string, version: string) => ({ "bom-ref": `${name}@${version}`, name, version });
  const document: BillOfMaterials = {
    bomFormat: "CycloneDX",
    serialNumber: "urn:uuid:1",
    metadata: { component: { ...part("the-folder", "1.0.0"), type: "library" }, timestamp: "now" },
    components: [part("hono", "4.0.0"), part("zod", "3.0.0"), part("zod", "4.0.0"), part("vitest", "4.1.0")],
    dependencies: [
      { ref: "the-folder@1.0.0", dependsOn: ["hono@4.0.0", "zod@4.0.0", "vitest@4.1.0"] },
      { ref: "hono@4.0.0", dependsOn: ["zod@4.0.0", "vitest@4.1.0"] },
      { ref: "vitest@4.1.0", dependsOn: ["zod@3.0.0"] },
    ],
  };
  const project = { name: "users-api", version: "1.0.0", dependencies: { hono: "4.0.0" } };

  test("keeps exactly the packages that ship, at their versions, and calls the project by its name", ({ expect }) => {
    expect(keepShipped(document, { project, packages: ["hono@4.0.0", "zod@4.0.0"] })).toEqual({
      bomFormat: "CycloneDX",
      serialNumber: "urn:uuid:1",
      metadata: {
        component: { "bom-ref": "the-folder@1.0.0", name: "users-api", version: "1.0.0", type: "application" },
        timestamp: "now",
      },
      components: [part("hono", "4.0.0"), part("zod", "4.0.0")],
      dependencies: [
        { ref: "the-folder@1.0.0", dependsOn: ["hono@4.0.0", "zod@4.0.0"] },
        { ref: "hono@4.0.0", dependsOn: ["zod@4.0.0"] },
      ],
    });
  });

  test("refuses a package that npm does not know, and a bundle without one that the project needs", ({ expect }) => {
    expect(() => keepShipped(document, { project, packages: ["hono@4.0.0", "jose@6.0.0"] })).toThrow(
      "lacks jose@6.0.0",
    );
    expect(() => keepShipped(document, { project, packages: ["zod@4.0.0"] })).toThrow("the bundle lacks hono@4.0.0");
  });
});
