import { z } from "zod";

import type { DatabaseContent } from "../database/content.ts";
import { BadBackupError } from "./bad-backup-error.ts";

const version = z.object({ version: z.string(), major: z.number() });
const definition = z.object({ name: z.string(), definition: z.string(), isValid: z.boolean() });

const manifest = z.object({
  format: z.literal(1),
  /** The database that was dumped: host and name, no user, no password. */
  source: z.string(),
  /** When the snapshot was taken: the moment to which a restore takes the data back. */
  takenAt: z.iso.datetime(),
  durationMs: z.number(),
  dump: z.object({ file: z.string(), bytes: z.number(), sha256: z.string() }),
  server: version,
  pgDump: version,
  /** The newest migration; null when there was none. */
  migrationLevel: z.string().nullable(),
  content: z.object({
    migrations: z.array(z.object({ name: z.string(), hash: z.string() })),
    tables: z.array(
      z.object({ table: z.string(), columns: z.array(z.string()), rows: z.number(), checksum: z.string() }),
    ),
    structure: z.object({
      constraints: z.array(definition),
      indexes: z.array(definition),
      objects: z.array(z.string()),
    }),
  }),
});

/** What a backup holds, as it was seen in the same snapshot as the dump. */
export type Manifest = Readonly<Omit<z.infer<typeof manifest>, "content">> & { readonly content: DatabaseContent };

export const formatManifest = (content: Manifest): string => `${JSON.stringify(content, null, 2)}\n`;

/** @throws BadBackupError */
export function parseManifest(text: string, file: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new BadBackupError(`${file} is no manifest of a backup: ${reason}`, { cause: error });
  }
}
