import { UsageError } from "../../command/usage-error.ts";
import { describeDatabase } from "../../db/database-url.ts";
import { startEmbeddedServer } from "../../postgres/embedded/server.ts";
import { emptyDatabase, readOwnObjects } from "../database/own-objects.ts";
import { inCanonicalSession } from "../database/session.ts";
import type { Programs } from "../programs/find-programs.ts";

/** A database to restore into. */
export interface ScratchDatabase {
  readonly url: string;
  /** Leaves nothing of what was restored. */
  close(): Promise<void>;
}

/** Starts a PostgreSQL of our own below `base`. Throws with its log when it does not come up. */
export async function startScratch({ folder }: Programs, base: string): Promise<ScratchDatabase> {
  const { url, close } = await startEmbeddedServer({ programs: folder, base });
  return { url, close };
}

/**
 * Takes a database of somebody else, which has to be empty.
 * @param sources databases, as `describeDatabase` spells them, that it must not be
 * @throws UsageError
 */
export async function useScratch(url: string, sources: readonly string[]): Promise<ScratchDatabase> {
  const name = describeDatabase(url);
  if (sources.includes(name)) throw new UsageError(`${name} is the database of the backup; a drill needs another one`);
  const { extensions, objects } = await inCanonicalSession(url, readOwnObjects);
  if (objects.length > 0) {
    const shown = objects
      .slice(0, 3)
      .map(({ kind, name: object }) => `${kind.toLowerCase()} ${object}`)
      .join(", ");
    throw new UsageError(
      `${name} is not empty (${shown}${objects.length > 3 ? ", …" : ""}); a drill needs an empty database`,
    );
  }
  return {
    url,
    close: async () => await inCanonicalSession(url, (client) => emptyDatabase(client, extensions)),
  };
}
