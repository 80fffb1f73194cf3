import { migrate } from "../db/migrate.ts";
import type { Checks } from "./checks.ts";
import type { OldCommands } from "./old-commands.ts";
import { serve } from "./served.ts";

export interface OldOnNewOptions {
  readonly checks: Checks;
  readonly commands: OldCommands;
  /** Of the previous release. */
  readonly bundleDir: string;
  /** An empty database. */
  readonly postgresUrl: string;
  readonly apiKey: string;
}

/** Serves the previous release, applies this checkout's migrations under it, and examines it before and after. */
export async function checkOldOnNew({
  checks,
  commands,
  bundleDir,
  postgresUrl,
  apiKey,
}: OldOnNewOptions): Promise<void> {
  await commands.migrate(postgresUrl);
  await commands.seed(postgresUrl);
  const served = await serve({ bundleDir, postgresUrl, apiKey });
  const smoke = () => commands.smoke(served.origin, apiKey);
  try {
    // If this fails, it is not the migrations' fault: the machine's, or that of packages that have changed since.
    await checks.run("on its own schema, the previous release passes its own smoke test", smoke);
    const before = await readUsers(served.origin, apiKey);
    let applied: readonly string[] = [];
    const isMigrated = await checks.run("the new migrations are applied while it serves", async () => {
      ({ applied } = await migrate({ postgresUrl, log: () => undefined }));
    });
    if (!isMigrated) return;
    const onSchema = applied.length === 0 ? "no migration is new: once more" : `with ${applied.join(", ")}`;
    await checks.run(`${onSchema}, it passes its own smoke test`, smoke);
    await checks.run("it answers as before about the users that were there", async () => {
      const after = await readUsers(served.origin, apiKey);
      if (after !== before) throw new Error(`before: ${before}\nafter:  ${after}`);
    });
  } finally {
    await served.stop();
  }
}

/** Status and body of the list, byte for byte. */
async function readUsers(origin: string, apiKey: string): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/users?limit=100`, { headers: { "X-API-Key": apiKey } });
  return `${answer.status} ${answer.status === 200 ? await answer.text() : ""}`;
}
