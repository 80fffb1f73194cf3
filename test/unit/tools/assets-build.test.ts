import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, test } from "vitest";

import { DOCS_FILES } from "../../../src/http/docs.ts";
import { ASSETS, buildAssets, contentOf } from "../../../tools/assets/build.ts";
import { OPENAPI_FILE } from "../../../tools/openapi/generate.ts";

describe("the build of the assets", () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), "assets-"));
    folder = path.join(parent, "assets");
  });

  afterEach(() => rmSync(parent, { recursive: true }));

  test("provides exactly the files that the Worker serves", ({ expect }) => {
    const served = ["openapi.json", "docs/index.html", ...Object.keys(DOCS_FILES).map((file) => `docs/${file}`)];
    expect(buildAssets(folder).toSorted()).toEqual(served.toSorted());
    const present = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("."));
    expect(present.map((name) => name.replaceAll(path.sep, "/")).toSorted()).toEqual(served.toSorted());
    expect(readFileSync(path.join(folder, "openapi.json")).equals(readFileSync(OPENAPI_FILE))).toBe(true);
  });

  test("writes nothing when all is in place, so that watchers stay quiet", ({ expect }) => {
    buildAssets(folder);
    const before = Object.keys(ASSETS).map((name) => statSync(path.join(folder, name)).mtimeMs);
    expect(buildAssets(folder)).toEqual([]);
    expect(Object.keys(ASSETS).map((name) => statSync(path.join(folder, name)).mtimeMs)).toEqual(before);
    expect(readdirSync(parent)).toEqual(["assets"]);
  });

  test("repairs a changed file and removes one that does not belong there", ({ expect }) => {
    buildAssets(folder);
    writeFileSync(path.join(folder, "docs/init.js"), "spoilt");
    mkdirSync(path.join(folder, "old"));
    writeFileSync(path.join(folder, "old/page.html"), "left over");
    expect(buildAssets(folder)).toEqual(["docs/init.js", "old/page.html"]);
    expect(readFileSync(path.join(folder, "docs/init.js"), "utf8")).toContain("prepareForm");
  });

  test("ships a page without inline scripts, inline styles or foreign addresses", ({ expect }) => {
    const page = contentOf("docs/index.html").toString("utf8");
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.filter((address) => !/^(?:\/(?!\/)|#)/.test(address ?? ""))).toEqual([]);
    expect(page).not.toMatch(/<style|style=|<script(?! src=)|\son\w+=/);
  });

  test("ships a page that is small: with its style and scripts less than a picture", ({ expect }) => {
    const files = Object.keys(ASSETS).filter((name) => name.startsWith("docs/"));
    const bytes = files.map((name) => gzipSync(contentOf(name)).length).reduce((sum, length) => sum + length, 0);
    expect(bytes).toBeLessThan(40_000);
  });
});
