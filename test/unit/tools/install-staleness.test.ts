import { describe, test } from "vitest";

import { fingerprint, isInstallCurrent } from "../../../tools/bootstrap/staleness.mjs";

const manifest = { scripts: { start: "run" }, dependencies: { hono: "4.0.0" }, devDependencies: { vitest: "4.1.0" } };
const packages = {
  "": { dependencies: manifest.dependencies, devDependencies: manifest.devDependencies },
  "node_modules/hono": { version: "4.0.0" },
  "node_modules/vitest": { version: "4.1.0" },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
};
const installed = { "node_modules/hono": { version: "4.0.0" }, "node_modules/vitest": { version: "4.1.0" } };
const manifestText = JSON.stringify(manifest);
const lockText = JSON.stringify({ packages });
const record = (entries: Record<string, { version: string }>): string => JSON.stringify({ packages: entries });
const missing = { stamp: null, installedText: null };

describe("whether the installed dependencies are current", () => {
  test("Given nothing installed, then they are missing", ({ expect }) => {
    expect(isInstallCurrent({ manifestText, lockText, ...missing })).toBe(false);
  });

  test("Given our stamp of the same files, then they are current", ({ expect }) => {
    const stamp = fingerprint(manifestText, lockText);
    expect(isInstallCurrent({ manifestText, lockText, stamp, installedText: null })).toBe(true);
  });

  test("Given a new lock file or another version in package.json, then the stamp is stale", ({ expect }) => {
    const stamp = fingerprint(manifestText, lockText);
    const upgraded = JSON.stringify({ ...manifest, dependencies: { hono: "4.1.0" } });
    expect(isInstallCurrent({ manifestText, lockText: `${lockText} `, stamp, installedText: null })).toBe(false);
    expect(isInstallCurrent({ manifestText: upgraded, lockText, stamp, installedText: record(installed) })).toBe(false);
  });

  test("Given another script only, then nothing has to be installed", ({ expect }) => {
    const stamp = fingerprint(manifestText, lockText);
    const edited = JSON.stringify({ ...manifest, scripts: { start: "run faster" } });
    expect(isInstallCurrent({ manifestText: edited, lockText, stamp, installedText: null })).toBe(true);
  });

  test("Given an install by npm itself, then npm's record decides, without optional packages of other platforms", ({
    expect,
  }) => {
    expect(isInstallCurrent({ manifestText, lockText, stamp: null, installedText: record(installed) })).toBe(true);
  });

  test.for([
    ["a missing package", record({ "node_modules/hono": { version: "4.0.0" } })],
    ["another version", record({ ...installed, "node_modules/hono": { version: "3.9.0" } })],
    ["a package too many", record({ ...installed, "node_modules/left-pad": { version: "1.0.0" } })],
    ["a record cut short", '{"packages":{"node_modules/ho'],
  ] as const)("Given %s, then they are stale", ([, installedText], { expect }) => {
    expect(isInstallCurrent({ manifestText, lockText, stamp: null, installedText })).toBe(false);
  });
});
