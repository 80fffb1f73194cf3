import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { type Checksums, parseChecksums } from "../../supply-chain/checksums.ts";
import { type BackupFiles, filesOf } from "./backup-files.ts";
import { BadBackupError } from "./bad-backup-error.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { sha256Of } from "./sha256.ts";

/**
 * Makes sure that the files of a backup are those that were written, byte for byte.
 * @throws BadBackupError that names the file and what is wrong with it
 */
export async function verifyFiles(dump: string, signal: AbortSignal): Promise<Manifest> {
  const files = filesOf(dump);
  const missing = Object.values(files).filter((file) => !existsSync(file));
  if (missing.length > 0) {
    throw new BadBackupError(`${missing.join(", ")} is missing: a backup is a dump, its manifest and their checksums`);
  }
  const checksums = await readChecksums(files);
  await check(files.manifest, checksums, signal);
  const manifest = parseManifest(await readFile(files.manifest, "utf8"), files.manifest);
  const { size } = statSync(files.dump);
  if (size !== manifest.dump.bytes) {
    throw new BadBackupError(
      `${files.dump} has ${size} bytes instead of ${manifest.dump.bytes}: it was cut short or replaced`,
    );
  }
  await check(files.dump, checksums, signal);
  return manifest;
}

async function readChecksums({ checksums }: BackupFiles): Promise<Checksums> {
  try {
    return parseChecksums(await readFile(checksums, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadBackupError(`${checksums} cannot be read: ${reason}`, { cause: error });
  }
}

async function check(file: string, checksums: Checksums, signal: AbortSignal): Promise<void> {
  const expected = checksums.get(path.basename(file));
  if (expected === undefined) throw new BadBackupError(`the checksums do not name ${path.basename(file)}`);
  const actual = await sha256Of(file, signal);
  if (actual === expected) return;
  throw new BadBackupError(
    `${file} was changed or damaged: its SHA-256 is ${actual}, recorded is ${expected}. Use another copy of this backup, or the one before it`,
  );
}
