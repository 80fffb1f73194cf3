import type { LicensePolicy } from "./license-rules.ts";

/**
 * What may be in the Worker, its assets and the client: licences that ask for their notice and nothing else. All of them let whoever
 * copies this project keep their own code closed.
 */
const SHIPPED = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];

/** Tools that never leave this machine may besides be in the public domain, or data that asks for attribution. */
const TOOLS_ONLY = ["BlueOak-1.0.0", "CC0-1.0", "CC-BY-3.0", "Python-2.0", "Unlicense", "Zlib"];

/** The one place that decides which licences dependencies may have. */
export const LICENSE_POLICY: LicensePolicy = {
  shipped: SHIPPED,
  tools: [...SHIPPED, ...TOOLS_ONLY],
  // For tools only, each for one licence; one that nothing needs any more is an error.
  exceptions: [
    {
      packages: /^lightningcss(?:-.+)?$/,
      license: "MPL-2.0",
      reason:
        "vitest's bundler uses it as it is; the licence is about changes of its own files, which nobody makes or ships",
    },
    {
      packages: /^axe-core$/,
      license: "MPL-2.0",
      reason: "a test runs it in the browser as it is, for the same reason",
    },
    {
      packages: /^@img\/sharp-libvips-.+$/,
      license: "LGPL-3.0-or-later",
      reason:
        "a shared library that wrangler's emulation of images loads; nothing is linked with it, and it is not shipped",
    },
    {
      packages: /^@img\/sharp-win32-.+$/,
      license: "Apache-2.0 AND LGPL-3.0-or-later",
      reason: "the same library, which is part of the package on Windows",
    },
    {
      packages: /^@img\/sharp-wasm32$/,
      license: "Apache-2.0 AND LGPL-3.0-or-later AND MIT",
      reason: "the same library, where there is no other build of it",
    },
    {
      packages: /^reserved$/,
      license: "none",
      reason: "its manifest says MIT in a form from before SPDX, and so does its LICENSE file; a tool of a linter",
    },
  ],
};
