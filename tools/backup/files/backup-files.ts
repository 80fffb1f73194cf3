import { readdirSync } from "node:fs";
import path from "node:path";

import { UsageError } from "../../command/usage-error.ts";

/** The three files of one backup; the checksums are written last, so their presence tells that the others are whole. */
export interface BackupFiles {
  readonly dump: string;
  readonly manifest: string;
  readonly checksums: string;
}

const DEFAULT_NAME = "users-api";
const DUMP_SUFFIX = ".dump";

export const filesOf = (dump: string): BackupFiles => ({
  dump,
  manifest: `${dump}.json`,
  checksums: `${dump}.sha256`,
});

/** `users-api-20261130T081934Z.dump`: names sort as their times do. */
export const dumpNameOf = (name: string, time: Date): string =>
  `${name}-${time.toISOString().replace(/[-:]|\.\d+/g, "")}${DUMP_SUFFIX}`;

/** @throws UsageError for a name that would not do in a file or in a key of a bucket */
export function parseBackupName(text: string | undefined): string {
  if (text === undefined) return DEFAULT_NAME;
  if (/^[a-z0-9][a-z0-9-]{0,40}$/.test(text)) return text;
  throw new UsageError(`--name must be lower-case letters, digits and hyphens, at most 41, not "${text}"`);
}

/** Paths of the whole backups of that name in a folder, the newest first; none when there is no such folder. */
export function listBackups(folder: string, name: string): readonly string[] {
  const files = new Set(readNames(folder));
  return [...files]
    .filter((file) => STAMPED.exec(file)?.[1] === name && files.has(path.basename(filesOf(file).checksums)))
    .toSorted()
    .toReversed()
    .map((file) => path.join(folder, file));
}

const STAMPED = /^(.+)-\d{8}T\d{6}Z\.dump$/;

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
