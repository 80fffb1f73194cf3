import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { migrate } from "../db/migrate.ts";
import { MIGRATIONS_FOLDER, readJournal } from "../db/migration-files.ts";
import type { Checks } from "./checks.ts";
import { serve } from "./served.ts";

export interface NewOnOldOptions {
  readonly checks: Checks;
  /** Of this checkout. */
  readonly bundleDir: string;
  /** An empty database. */
  readonly postgresUrl: string;
  readonly apiKey: string;
  /** For a copy of the migrations; must not exist yet. */
  readonly folder: string;
}

/** Serves this checkout on a schema that is one migration short, then on the whole one. */
export async function checkNewOnOld({
  checks,
  bundleDir,
  postgresUrl,
  apiKey,
  folder,
}: NewOnOldOptions): Promise<void> {
  const newest = (await readJournal(MIGRATIONS_FOLDER)).at(-1) ?? "";
  copyAllButNewest(folder);
  await migrate({ postgresUrl, folder, log: () => undefined });
  const served = await serve({ bundleDir, postgresUrl, apiKey });
  const expect = async (status: number, migrations: string): Promise<void> => {
    const answer = await fetch(`${served.origin}/health/startup`);
    const body = await answer.text();
    if (answer.status !== status || !body.includes(`"migrations":"${migrations}"`))
      throw new Error(
        `/health/startup: expected ${status} with migrations ${migrations}\nseen: ${answer.status} ${body}`,
      );
  };
  try {
    await checks.run(`this checkout is not ready on a schema without ${newest}`, () => expect(503, "unhealthy"));
    await migrate({ postgresUrl, log: () => undefined });
    await checks.run("and is ready as soon as it is applied", () => expect(200, "healthy"));
  } finally {
    await served.stop();
  }
}

function copyAllButNewest(folder: string): void {
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
  const file = path.join(folder, "meta", "_journal.json");
  const journal: { readonly entries: readonly unknown[] } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, -1) }));
}
