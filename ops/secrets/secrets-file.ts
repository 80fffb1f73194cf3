import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Secrets } from "./stores.ts";

/**
 * For wrangler's `--secrets-file`, which takes nothing else: a file that only we can read, for as long as `use` takes. It goes
 * when we go, however that happens short of a kill.
 */
export async function withSecretsFile<Result>(
  secrets: Secrets,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), "users-api-secrets-"));
  const clearAway = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clearAway);
  try {
    const file = path.join(folder, "secrets.json");
    await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off("exit", clearAway);
  }
}
