import type { DatabaseContent } from "../../tools/backup/database/content.ts";
import type { Manifest } from "../../tools/backup/files/manifest.ts";

export const EMPTY_CONTENT: DatabaseContent = {
  tables: [],
  structure: { constraints: [], indexes: [], objects: [] },
  migrations: [],
};

/** A manifest of a database without tables. */
export const emptyManifest = (content: DatabaseContent = EMPTY_CONTENT): Manifest => ({
  format: 1,
  source: "host/db",
  takenAt: "2026-11-30T08:19:34.567Z",
  durationMs: 1,
  dump: { file: "b.dump", bytes: 1, sha256: "0".repeat(64) },
  server: { version: "17.6", major: 17 },
  pgDump: { version: "17.6", major: 17 },
  migrationLevel: null,
  content,
});
