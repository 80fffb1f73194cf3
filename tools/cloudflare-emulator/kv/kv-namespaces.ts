import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { writeAtomically } from "../control-plane/state/atomic-file.ts";

/** In the state folder. */
export const KV_FOLDER = "kv";

export interface KvNamespace {
  /** 32 hex digits. */
  readonly id: string;
  /** Unique in the account. */
  readonly title: string;
}

export interface KvEntry {
  readonly key: string;
  readonly value: Buffer;
  /** Any JSON; null for none. */
  readonly metadata: unknown;
  /** Seconds since 1970; null for never. */
  readonly expiration: number | null;
}

/** The KV namespaces of the account, kept in memory and on disk. Unlike Cloudflare's they are consistent at once. */
export interface KvNamespaces {
  list(): readonly KvNamespace[];
  find(id: string): KvNamespace | null;
  /** Makes it, or gives it another title. Resolves when it is safe on disk, as do all changes. */
  save(namespace: KvNamespace): Promise<void>;
  remove(id: string): Promise<void>;
  /** Null when it is not there, or has expired. */
  get(id: string, key: string): KvEntry | null;
  /** Whether there is such a namespace. */
  put(id: string, entry: KvEntry): Promise<boolean>;
  delete(id: string, key: string): Promise<void>;
  /** Those that begin so, in the order of their keys. */
  entries(id: string, prefix: string): readonly KvEntry[];
}

interface Stored extends KvNamespace {
  readonly entries: Map<string, KvEntry>;
}

const FILE = z.object({
  title: z.string(),
  entries: z.array(
    z.object({ key: z.string(), value: z.base64(), metadata: z.unknown(), expiration: z.number().nullable() }),
  ),
});
const FILE_NAME = /^([0-9a-f]{32})\.json$/;

/** Reads what an earlier run left in `folder`. `now` in milliseconds since 1970. */
export function openKvNamespaces(folder: string, now: () => number): KvNamespaces {
  const stored = readFolder(folder);
  const queue = createQueue();
  const write = (namespace: Stored): Promise<void> => queue(async () => await writeFile(folder, namespace));
  const isThere = ({ expiration }: KvEntry): boolean => expiration === null || expiration * 1_000 > now();
  return {
    list: () => [...stored.values()].map(toInfo),
    find: (id) => toInfoOrNull(stored.get(id)),
    async save({ id, title }) {
      const namespace = { id, title, entries: stored.get(id)?.entries ?? new Map<string, KvEntry>() };
      stored.set(id, namespace);
      await write(namespace);
    },
    async remove(id) {
      stored.delete(id);
      await queue(async () => await rm(fileOf(folder, id), { force: true }));
    },
    get(id, key) {
      const entry = stored.get(id)?.entries.get(key);
      return entry !== undefined && isThere(entry) ? entry : null;
    },
    async put(id, entry) {
      const namespace = stored.get(id);
      namespace?.entries.set(entry.key, entry);
      if (namespace !== undefined) await write(namespace);
      return namespace !== undefined;
    },
    async delete(id, key) {
      const namespace = stored.get(id);
      if (namespace?.entries.delete(key) === true) await write(namespace);
    },
    entries: (id, prefix) =>
      [...(stored.get(id)?.entries.values() ?? [])]
        .filter((entry) => entry.key.startsWith(prefix) && isThere(entry))
        .toSorted((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key))),
  };
}

const toInfo = ({ id, title }: Stored): KvNamespace => ({ id, title });
const toInfoOrNull = (stored: Stored | undefined): KvNamespace | null => (stored === undefined ? null : toInfo(stored));
const fileOf = (folder: string, id: string): string => path.join(folder, `${id}.json`);

function readFolder(folder: string): Map<string, Stored> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ids = names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []);
  return new Map(ids.map((id) => [id, { id, ...readFile(fileOf(folder, id)) }]));
}

function readFile(file: string): Omit<Stored, "id"> {
  try {
    const { title, entries } = FILE.parse(JSON.parse(readFileSync(file, "utf8")));
    const decoded = entries.map((entry) => ({ ...entry, value: Buffer.from(entry.value, "base64") }));
    return { title, entries: new Map(decoded.map((entry) => [entry.key, entry])) };
  } catch (cause) {
    throw new Error(`${file} cannot be read. Start with an empty state: --fresh`, { cause });
  }
}

async function writeFile(folder: string, { id, title, entries }: Stored): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const encoded = [...entries.values()].map((entry) => ({ ...entry, value: entry.value.toString("base64") }));
  await writeAtomically(fileOf(folder, id), JSON.stringify({ title, entries: encoded }));
}

/** Runs one piece of work after the other. */
function createQueue(): (work: () => Promise<void>) => Promise<void> {
  let tail = Promise.resolve();
  return (work) => {
    const mine = tail.then(work);
    tail = mine.catch(() => undefined);
    return mine;
  };
}
