import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, test } from "vitest";

import { readInstalledPackages } from "../../../tools/supply-chain/installed-packages.ts";
import { LICENSE_POLICY } from "../../../tools/supply-chain/license-policy.ts";
import { findLicenseProblems, type LicensePolicy } from "../../../tools/supply-chain/license-rules.ts";

interface Planted {
  readonly license?: unknown;
  readonly licenses?: unknown;
  readonly dev?: boolean;
  /** For another platform: in the lock file only. */
  readonly isAbsent?: boolean;
}

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A project with these packages, by their places below node_modules. */
function givenProject(packages: Readonly<Record<string, Planted>>): string {
  const root = mkdtempSync(join(tmpdir(), "licenses-"));
  roots.push(root);
  const locked: Record<string, object> = { "": { name: "project" }, client: { name: "client" } };
  for (const [place, { dev = false, isAbsent = false, ...manifest }] of Object.entries(packages)) {
    const path = `node_modules/${place}`;
    locked[path] = dev ? { version: "1.0.0", dev } : { version: "1.0.0" };
    if (isAbsent) continue;
    mkdirSync(join(root, path), { recursive: true });
    const name = place.split("node_modules/").at(-1);
    writeFileSync(join(root, path, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  }
  locked["node_modules/client"] = { link: true };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: locked }));
  return root;
}

const POLICY: LicensePolicy = {
  shipped: ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"],
  tools: ["MIT", "Apache-2.0", "Zlib"],
  exceptions: [],
};

const problemsOf = (
  packages: Readonly<Record<string, Planted>>,
  policy: LicensePolicy = POLICY,
  assets: string[] = [],
) => {
  const root = givenProject(packages);
  return findLicenseProblems(
    readInstalledPackages(
      root,
      assets.map((file) => join(root, file)),
    ),
    policy,
  );
};

describe("the check of licences", () => {
  test("fails for a package under the GPL that is shipped, and names it with its place", ({ expect }) => {
    expect(
      problemsOf({ good: { license: "MIT" }, "good/node_modules/@evil/lib": { license: "GPL-3.0-only" } }),
    ).toEqual([
      "node_modules/good/node_modules/@evil/lib: @evil/lib 1.0.0 has the licence GPL-3.0-only, which what we ship may not have",
    ]);
  });

  test.for([
    ["nothing", {}],
    ["null", { license: null }],
    ["an empty text", { license: "" }],
    ["an object", { license: { type: "MIT" } }],
    ["a list of the old form", { licenses: [{ type: "MIT" }] }],
  ] as const)("fails for a package that says %s as its licence", ([, manifest], { expect }) => {
    expect(problemsOf({ quiet: { ...manifest, dev: true } })).toEqual([
      "node_modules/quiet: quiet 1.0.0 names no licence, which no tool may have",
    ]);
  });

  test.for(["UNLICENSED", "SEE LICENSE IN LICENSE.md", "BSD", "MIT/Apache", "mit"])(
    "fails for %s, which is no expression of SPDX",
    (license, { expect }) => {
      expect(problemsOf({ odd: { license } })[0]).toContain(`no SPDX expression: "${license}"`);
    },
  );

  test.for([
    ["MIT OR GPL-3.0-only", true],
    ["(GPL-3.0-only OR (Apache-2.0 OR ISC))", true],
    ["MIT AND Apache-2.0", true],
    ["MIT AND GPL-3.0-only", false],
    ["(MIT OR ISC) AND GPL-2.0-or-later", false],
    ["(MIT AND Apache-2.0) OR GPL-3.0-only", true],
    ["Apache-2.0 WITH LLVM-exception", true],
    ["GPL-2.0-only WITH Classpath-exception-2.0", false],
    ["MIT WITH LLVM-exception", false],
    ["LGPL-3.0-or-later", false],
    ["AGPL-3.0-only", false],
  ] as const)("reads the expression %s: allowed is %s", ([license, isAllowed], { expect }) => {
    expect(problemsOf({ each: { license } })).toHaveLength(isAllowed ? 0 : 1);
  });

  test("is stricter with what ships than with tools; files among the assets ship their package", ({ expect }) => {
    const page = { page: { license: "Zlib", dev: true }, "page-tool": { license: "Zlib", dev: true } };
    expect(problemsOf({ lib: { license: "Zlib" } })).toHaveLength(1);
    expect(problemsOf(page)).toEqual([]);
    expect(problemsOf(page, POLICY, ["node_modules/page/dist/page.js"])).toEqual([
      expect.stringContaining(": page 1.0.0"),
    ]);
  });

  test("makes exceptions for tools, by name and by the very words of the licence, and none for what ships", ({
    expect,
  }) => {
    const exceptions = [
      { packages: /^lib-.+$/, license: "MPL-2.0", reason: "a test" },
      { packages: /^old$/, license: "none", reason: "a test" },
    ];
    const policy = { ...POLICY, exceptions };
    const old = { licenses: [{ type: "MIT" }], dev: true };
    expect(problemsOf({ "lib-linux": { license: "MPL-2.0", dev: true }, old }, policy)).toEqual([]);
    expect(
      problemsOf({ "lib-linux": { license: "MPL-2.0" }, "lib-mac": { isAbsent: true }, old }, policy),
    ).toHaveLength(1);
    expect(
      problemsOf({ "lib-linux": { license: "MPL-1.1", dev: true }, "lib-mac": { isAbsent: true }, old }, policy),
    ).toHaveLength(1);
  });

  test("fails for an exception that nothing needs, here or on another platform", ({ expect }) => {
    const policy = { ...POLICY, exceptions: [{ packages: /^lib-.+$/, license: "MPL-2.0", reason: "a test" }] };
    expect(problemsOf({ "lib-linux": { license: "MIT", dev: true } }, policy)).toEqual([
      "no package needs the exception for ^lib-.+$",
    ]);
    expect(problemsOf({ lib: { license: "MIT" }, "lib-mac": { isAbsent: true } }, policy)).toEqual([]);
  });

  test("fails where nothing is installed, for that proves nothing", ({ expect }) => {
    expect(() => problemsOf({ lib: { isAbsent: true } })).toThrow("run npm ci first");
  });

  test("has for its own lists no copyleft in what ships, all of it for tools, and a reason for each exception", ({
    expect,
  }) => {
    const { shipped, tools, exceptions } = LICENSE_POLICY;
    expect(shipped.filter((license) => /GPL|MPL|EPL|CDDL|SSPL|BUSL|CC-BY/.test(license))).toEqual([]);
    expect(shipped.filter((license) => !tools.includes(license))).toEqual([]);
    for (const { reason } of exceptions) expect(reason.length).toBeGreaterThan(20);
  });
});
