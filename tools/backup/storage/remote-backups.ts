import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { z } from "zod";

import { filesOf } from "../files/backup-files.ts";
import { BadBackupError } from "../files/bad-backup-error.ts";
import type { Manifest } from "../files/manifest.ts";
import { formatBytes } from "../growth.ts";
import { MAX_OBJECT_BYTES, type ObjectStorage } from "./r2.ts";

export interface RemotePlace {
  readonly storage: ObjectStorage;
  readonly bucket: string;
  readonly name: string;
}

/** R2 has no listing in wrangler: this object names the newest backup, and is written only after its files. */
const latestKeyOf = (name: string): string => `${name}/latest.json`;
const latest = z.object({ key: z.string(), takenAt: z.string(), sha256: z.string() });

/** `production/2026/11/30/production-20261130T081934Z.dump`: by day, so that lifecycle rules and people find them. */
export const keyOf = (name: string, { takenAt, dump }: Manifest): string =>
  `${name}/${takenAt.slice(0, 10).replaceAll("-", "/")}/${dump.file}`;

/**
 * Uploads the files of a backup, then the note that it is the newest; gives the key of the dump.
 * @throws Error when one cannot be uploaded; the note still names the backup before then
 */
export async function uploadBackup(
  dump: string,
  manifest: Manifest,
  place: RemotePlace,
  signal: AbortSignal,
): Promise<string> {
  const { storage, bucket, name } = place;
  const { size } = await stat(dump);
  if (size > MAX_OBJECT_BYTES) {
    throw new Error(
      `${dump} has ${formatBytes(size)}, and wrangler uploads ${formatBytes(MAX_OBJECT_BYTES)} at most. Upload it through R2's S3 API (docs/backup.md)`,
    );
  }
  const key = keyOf(name, manifest);
  const [local, remote] = [filesOf(dump), filesOf(key)];
  await allOf(PARTS.map((part) => storage.put(bucket, remote[part], local[part], signal)));
  await inFolder(async (folder) => {
    const note = path.join(folder, "latest.json");
    await writeFile(note, JSON.stringify({ key, takenAt: manifest.takenAt, sha256: manifest.dump.sha256 }));
    await storage.put(bucket, latestKeyOf(name), note, signal);
  });
  return key;
}

/**
 * Downloads the files of a backup into a folder; gives the path of the dump.
 * @param key that of the dump; the newest when null
 * @throws Error when one cannot be downloaded
 */
export async function downloadBackup(
  key: string | null,
  { storage, bucket, name }: RemotePlace,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const dumpKey = key ?? (await findLatest({ storage, bucket, name }, folder, signal));
  const [remote, local] = [filesOf(dumpKey), filesOf(path.join(folder, path.basename(dumpKey)))];
  await allOf(PARTS.map((part) => storage.get(bucket, remote[part], local[part], signal)));
  return local.dump;
}

const PARTS = ["dump", "manifest", "checksums"] as const;

/** Side by side; the first failure is thrown when none is running any more. */
async function allOf(transfers: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(transfers);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function findLatest(
  { storage, bucket, name }: RemotePlace,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const note = path.join(folder, "latest.json");
  await storage.get(bucket, latestKeyOf(name), note, signal);
  try {
    return latest.parse(JSON.parse(await readFile(note, "utf8"))).key;
  } catch (error) {
    throw new BadBackupError(`${bucket}/${latestKeyOf(name)} names no backup`, { cause: error });
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "latest-backup-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
