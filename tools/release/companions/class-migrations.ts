import path from "node:path";

import { ROOT } from "../../process/run-script.ts";
import { type Companion, configOf } from "./companion.ts";

interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** One entry of `migrations` in a `wrangler.toml`: what becomes of classes of Durable Objects. */
export interface ClassMigration {
  readonly tag: string;
  readonly new_classes?: readonly string[];
  readonly new_sqlite_classes?: readonly string[];
  readonly renamed_classes?: readonly Renaming[];
  readonly deleted_classes?: readonly string[];
  readonly transferred_classes?: readonly Renaming[];
}

/** All that a Worker has in an environment, in order; none for one without classes. */
export async function readClassMigrations(
  companion: Pick<Companion, "name">,
  env: string,
): Promise<readonly ClassMigration[]> {
  // Takes longer to load than all else here, so that it waits until somebody needs it.
  const { unstable_readConfig: readConfig } = await import("wrangler");
  return readConfig({ config: path.join(ROOT, configOf(companion)), env }).migrations;
}

/**
 * Those that are not applied yet: after the tag that the Worker has, as wrangler counts; all of them when it has none.
 * @throws Error when the Worker has a tag that the configuration does not know: wrangler would apply everything once more
 */
export function pendingMigrations(all: readonly ClassMigration[], applied: string | null): readonly ClassMigration[] {
  if (applied === null) return all;
  const place = all.findIndex(({ tag }) => tag === applied);
  if (place !== -1) return all.slice(place + 1);
  throw new Error(
    `The Worker has the class migration ${applied}, which its wrangler.toml does not: is an older commit checked out? Entries there are never removed.`,
  );
}

/** As `v2 (makes MetricsArchive)`. */
export function describeMigration(migration: ClassMigration): string {
  const { tag, new_classes: kv = [], new_sqlite_classes: sqlite = [], renamed_classes: renamed = [] } = migration;
  const { deleted_classes: deleted = [], transferred_classes: transferred = [] } = migration;
  const steps = [
    ...[...sqlite, ...kv].map((name) => `makes ${name}`),
    ...renamed.map(({ from, to }) => `renames ${from} to ${to}`),
    ...transferred.map(({ from, to }) => `takes ${from} over as ${to}`),
    ...deleted.map((name) => `DELETES ${name} with all that its objects have stored`),
  ];
  return `${tag} (${steps.join(", ") || "changes nothing"})`;
}
