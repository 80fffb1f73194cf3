import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Installed } from "./license-rules.ts";

const lockFile = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ dev: z.boolean().default(false), link: z.boolean().default(false) })),
});

const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  // Older forms, an object or a list, are no SPDX expression and count as nothing said.
  license: z.string().nullable().catch(null).default(null),
});

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/;

/**
 * Reads the manifest of every package that package-lock.json lists below `root`, nested ones too. What npm does not mark as for
 * development only is shipped, and so are the packages of which `assets` names files.
 * @throws Error when nothing is installed, for then nothing would be checked
 */
export function readInstalledPackages(root: string, assets: readonly string[]): Installed {
  const { packages: locked } = lockFile.parse(readJson(join(root, "package-lock.json")));
  const entries = Object.entries(locked).filter(([path, { link }]) => !link && PACKAGE.test(path));
  const isPresent = ([path]: (typeof entries)[number]): boolean => existsSync(join(root, path, "package.json"));
  const present = entries.filter(isPresent);
  if (present.length === 0) throw new Error("no package is installed: run npm ci first");
  const packages = present.map(([path, { dev }]) => {
    const { name, version, license } = manifest.parse(readJson(join(root, path, "package.json")));
    const isShipped = !dev || assets.some((file) => file.startsWith(join(root, path, "/")));
    return { path, name, version, license, isShipped };
  });
  const absent = entries.filter((entry) => !isPresent(entry)).map(([path]) => PACKAGE.exec(path)?.[1] ?? path);
  return { packages, absent };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
