import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { acquireLock, LockHeldError } from "../../process/lock-file.ts";
import { LocalPostgresError } from "./error.ts";

/** Major version of the PostgreSQL inside PGlite; a cluster of another one cannot be opened. */
export const POSTGRES_MAJOR = "18";

export interface DataFolder {
  /** The finished cluster. */
  readonly cluster: string;
  /** Where a new cluster grows: a start that is killed in the middle leaves no half-made one behind. */
  readonly draft: string;
  readonly isNew: boolean;
  release(): void;
}

/**
 * Makes a data folder ready and reserves it.
 * @throws LocalPostgresError when it is in use, cannot be written, or holds a cluster of another PostgreSQL version
 */
export function openDataFolder(dataDir: string, isFresh: boolean): DataFolder {
  const cluster = path.join(dataDir, "postgres");
  const draft = path.join(dataDir, "postgres.new");
  const release = reserve(dataDir);
  try {
    checkVersion(cluster, isFresh);
    rmSync(draft, { recursive: true, force: true });
    if (isFresh) rmSync(cluster, { recursive: true, force: true });
    return { cluster, draft, isNew: !existsSync(cluster), release };
  } catch (error) {
    release();
    throw explain(error, dataDir);
  }
}

function reserve(dataDir: string): () => void {
  const lock = path.join(dataDir, "postgres.lock");
  try {
    mkdirSync(dataDir, { recursive: true });
    return acquireLock(lock);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw explain(error, dataDir);
    throw new LocalPostgresError(
      `The data folder is in use by ${error.holder} (${lock}). Stop that one first, or choose another folder: DATA_DIR=… npm start`,
      { cause: error },
    );
  }
}

function checkVersion(cluster: string, isFresh: boolean): void {
  if (!existsSync(cluster)) return;
  const versionFile = path.join(cluster, "PG_VERSION");
  const version = existsSync(versionFile) ? readFileSync(versionFile, "utf8").trim() : null;
  if (version === null) {
    throw new LocalPostgresError(
      `${cluster} exists but is no PostgreSQL cluster. Move it away, or choose another DATA_DIR.`,
    );
  }
  if (version !== POSTGRES_MAJOR && !isFresh) {
    throw new LocalPostgresError(
      `${cluster} was made by PostgreSQL ${version}, this is ${POSTGRES_MAJOR}. Start empty with: npm start -- --fresh`,
    );
  }
}

function explain(error: unknown, dataDir: string): LocalPostgresError {
  if (error instanceof LocalPostgresError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new LocalPostgresError(
    `The data folder ${dataDir} cannot be written: ${reason}. Choose another one: DATA_DIR=… npm start`,
  );
}
